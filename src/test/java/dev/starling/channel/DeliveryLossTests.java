package dev.starling.channel;

import static dev.starling.channel.HistoryFixture.gap;
import static dev.starling.channel.HistoryFixture.message;
import static dev.starling.channel.HistoryFixture.messages;
import static dev.starling.channel.HistoryFixture.restarted;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an event loop's full queue costs a channel with history. */
final class DeliveryLossTests {

    private final HistoryFixture rig = HistoryFixture.withRoomFor(512);
    private final RecordingReceiver ann = new RecordingReceiver();
    private final RecordingReceiver bob = new RecordingReceiver();

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void droppedMessagesBecomeAGapAlsoIfNothingFollows() {
        rig.join(ann);

        rig.arrive("e", 6, 600);
        rig.run();

        assertThat(ann.texts()).startsWith(message(6)).endsWith(message(517), gap(518, 600));
        assertThat(ann.texts()).hasSize(512 + 1);
        assertThat(rig.value("ws.fanout.dropped")).isEqualTo(600 - 517);
    }

    @Test
    void whatFollowsAGapComesAfterIt() {
        rig.join(ann);

        rig.arrive("e", 6, 600);
        rig.run();
        rig.arrive("e", 601, 602);
        rig.run();

        assertThat(ann.texts()).endsWith(message(517), gap(518, 600), message(601), message(602));
    }

    @Test
    void aRestartThatIsDroppedIsToldWithWhereTheChannelIsBy() {
        rig.join(ann);

        rig.arrive("e", 6, 600);
        rig.restart("f", 7);
        rig.arrive("f", 8, 9);
        rig.run();
        rig.arrive("f", 10);
        rig.run();

        assertThat(ann.texts()).endsWith(message(517), restarted("f", 9), message(10));
    }

    @Test
    void aHoleThatIsDroppedIsPartOfTheGap() {
        rig.join(ann);

        rig.arrive("e", 6, 517);
        rig.lose(518, 520);
        rig.arrive("e", 521);
        rig.run();

        assertThat(ann.texts()).endsWith(message(517), gap(518, 521));
    }

    @Test
    void whoJoinsAfterTheLossIsNotToldOfIt() {
        rig.join(ann);
        rig.arrive("e", 6, 600);

        rig.hub.subscribe(HistoryFixture.NEWS, bob, rig.loop()).subscribe();
        rig.run();
        rig.arrive("e", 601);
        rig.run();

        assertThat(bob.texts()).containsExactly(message(601));
        assertThat(ann.texts()).endsWith(gap(518, 600), message(601));
    }

    @Test
    void nothingLeaksOfWhatIsDropped() {
        rig.join(ann);

        rig.arrive("e", 6, 700);
        rig.run();

        assertThat(ann.frames()).allSatisfy(frame -> assertThat(frame.refCnt()).isZero());
    }

    /** However arrivals and turns of the loop are mixed, messages and gaps together leave nothing out and say nothing twice. */
    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void messagesAndGapsTogetherAreTheWholeChannel(long seed) {
        Random random = new Random(seed);
        rig.join(ann);
        long next = 6;

        for (int i = 0; i < 60; i++) {
            int count = random.nextInt(600);
            rig.arrive("e", next, next + count - 1);
            next += count;
            if (random.nextInt(3) > 0) {
                rig.run();
            }
        }
        rig.run();

        assertThat(covered(ann.texts())).isEqualTo(List.of(6L, next - 1));
        assertThat(ann.texts()).anyMatch(text -> text.contains("gap"));
    }

    /** The first and last offset of what was told, which has to be one piece. */
    private static List<Long> covered(List<String> texts) {
        Pattern numbers = Pattern.compile("\"(?:from|offset)\":(\\d+)(?:,\"to\":(\\d+))?");
        List<Long> ends = new ArrayList<>();
        for (String text : texts) {
            Matcher found = numbers.matcher(text);
            assertThat(found.find()).as(text).isTrue();
            long from = Long.parseLong(found.group(1));
            if (!ends.isEmpty()) {
                assertThat(from).as(text).isEqualTo(ends.get(1) + 1);
            }
            long to = found.group(2) == null ? from : Long.parseLong(found.group(2));
            ends = new ArrayList<>(List.of(ends.isEmpty() ? from : ends.get(0), to));
        }
        return ends;
    }

    @Test
    void allIsDeliveredWhereTheQueueSuffices() {
        rig.join(ann);

        rig.arrive("e", 6, 517);
        rig.run();

        assertThat(ann.texts()).isEqualTo(messages(6, 517));
        assertThat(rig.value("ws.fanout.dropped")).isZero();
    }
}
