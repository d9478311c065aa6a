package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.broker.HistoryPage;
import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Hole;
import dev.starling.protocol.Publication;
import dev.starling.protocol.Restart;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.stream.ChannelCursor.Wish;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChannelCursorTests {

    private static final ChannelName CHANNEL = new ChannelName("chat:1");
    private static final int ROOM = 1 << 16;

    /** Such as {@code e6}, {@code hole 7-8}, {@code restart f0}. */
    private final List<String> out = new ArrayList<>();

    /** Of the messages, such as {@code e/6}. */
    private final List<String> positions = new ArrayList<>();

    private ChannelCursor cursor = new ChannelCursor(CHANNEL, ROOM, this::keep);

    @Test
    void beginsByAskingForThePositionOnly() {
        assertThat(cursor.isNew()).isTrue();
        assertThat(cursor.wish()).isEqualTo(Wish.READ);
        assertThat(cursor.position()).isNull();
    }

    @Test
    void theFirstPageIsWhereItBeginsAndHandsOnNothing() {
        beginAt(5);

        assertThat(out).isEmpty();
        assertThat(cursor.isNew()).isFalse();
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);
        assertThat(cursor.position()).isEqualTo(at("e", 5));
    }

    @Test
    void aPageThatAsksForANewEpochIsNoProgress() {
        beginAt(5);
        cursor.missed();
        cursor.asked();

        assertThat(cursor.page(new HistoryPage(at("e", 5), List.of(message("e", 5, "other")))))
                .isFalse();
        assertThat(cursor.wish()).isEqualTo(Wish.RESTART);
    }

    @Test
    void whatCameDuringTheFirstReadFollowsUnlessItIsInThePosition() {
        cursor.asked();
        live(4, 5, 6, 7);
        cursor.page(page("e", 5, 5));

        assertThat(out).containsExactly("e6", "e7");
    }

    @Test
    void handsOnTheNextOneOnly() {
        beginAt(5);

        assertThat(cursor.message(message("e", 6), at("e", 6))).isTrue();
        assertThat(cursor.message(message("e", 7), at("e", 7))).isTrue();
        assertThat(cursor.message(message("e", 9), at("e", 9))).isFalse();

        assertThat(out).containsExactly("e6", "e7");
    }

    @Test
    void readsFromTheLastOneOnWhenAMessageIsMissing() {
        beginAt(5);
        live(6, 8);

        assertThat(out).containsExactly("e6");
        assertThat(cursor.wish()).isEqualTo(Wish.READ);
        assertThat(cursor.position()).isEqualTo(at("e", 6));
    }

    @Test
    void theMissingOnesComeBeforeThoseThatCameDuringTheRead() {
        beginAt(5);
        live(6, 9);
        cursor.asked();
        live(10, 11);

        assertThat(cursor.page(page("e", 10, 6, 7, 8, 9, 10))).isTrue();

        assertThat(out).containsExactly("e6", "e7", "e8", "e9", "e10", "e11");
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);
    }

    @Test
    void whatIsMissingAfterTheReadIsReadAgain() {
        beginAt(5);
        live(7);
        cursor.asked();
        live(8, 10);
        cursor.page(page("e", 8, 6, 7, 8));

        assertThat(out).containsExactly("e6", "e7", "e8");
        assertThat(cursor.wish()).isEqualTo(Wish.READ);

        answer("e", 10, 8, 9, 10);
        assertThat(out).containsExactly("e6", "e7", "e8", "e9", "e10");
    }

    @Test
    void readsPageAfterPageUpToTheTop() {
        beginAt(0);
        live(5);
        assertThat(cursor.position()).isEqualTo(at("e", 0));

        answer("e", 5, 1, 2);
        assertThat(cursor.wish()).isEqualTo(Wish.READ);
        assertThat(cursor.position()).isEqualTo(at("e", 2));
        answer("e", 5, 2, 3);
        answer("e", 6, 3, 4);
        answer("e", 6, 4, 5, 6);

        assertThat(out).containsExactly("e1", "e2", "e3", "e4", "e5", "e6");
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);
    }

    @Test
    void missingUpToNowIsReadThoughNothingComes() {
        beginAt(5);
        cursor.missed();
        assertThat(cursor.wish()).isEqualTo(Wish.READ);

        answer("e", 7, 6, 7);

        assertThat(out).containsExactly("e6", "e7");
    }

    @Test
    void aReadThatBringsNothingSaysSo() {
        beginAt(5);
        live(6);
        cursor.missed();
        cursor.asked();

        assertThat(cursor.page(page("e", 6, 6))).isFalse();
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);
    }

    @Test
    void missingDuringAReadIsReadAfterIt() {
        beginAt(5);
        cursor.missed();
        cursor.asked();
        cursor.missed();
        cursor.page(page("e", 5));
        assertThat(cursor.wish()).isEqualTo(Wish.READ);

        answer("e", 6, 6);

        assertThat(out).containsExactly("e6");
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);
    }

    @Test
    void whatTheBufferHasNoRoomForIsReadAfterwards() {
        cursor = new ChannelCursor(CHANNEL, 300, this::keep); // two messages, each with 128 bytes of overhead
        beginAt(5);
        cursor.missed();
        cursor.asked();
        live(6, 7, 8, 9);
        cursor.page(page("e", 5));

        assertThat(out).containsExactly("e6", "e7");
        assertThat(cursor.wish()).isEqualTo(Wish.READ);

        answer("e", 9, 7, 8, 9);
        assertThat(out).containsExactly("e6", "e7", "e8", "e9");
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);
    }

    @Test
    void theTrimmedAreAHoleBeforeTheRest() {
        beginAt(5);
        cursor.missed();
        answer("e", 9, 8, 9);

        assertThat(out).containsExactly("hole 6-7", "e8", "e9");
        live(10);
        assertThat(out).last().isEqualTo("e10");
    }

    @Test
    void allOfThemTrimmedIsAHoleUpToTheTop() {
        beginAt(5);
        cursor.missed();
        answer("e", 9);

        assertThat(out).containsExactly("hole 6-9");
        assertThat(cursor.position()).isEqualTo(at("e", 9));
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);
    }

    @Test
    void anotherEpochIsARestartAndThenAllThatIsLeftOfIt() {
        beginAt(5);
        cursor.message(message("f", 2), at("f", 2));
        assertThat(cursor.wish()).isEqualTo(Wish.READ);
        answer("f", 3, 1, 2, 3);

        assertThat(out).containsExactly("restart f0", "f1", "f2", "f3");
        assertThat(cursor.position()).isEqualTo(at("f", 3));
    }

    @Test
    void aRestartTellsWhereWhatIsLeftBegins() {
        beginAt(5);
        cursor.missed();
        answer("f", 9, 8, 9);

        assertThat(out).containsExactly("restart f7", "f8", "f9");
    }

    @Test
    void aRestartOfWhichNothingIsLeftBeginsAtItsTop() {
        beginAt(5);
        cursor.missed();
        answer("f", 9);

        assertThat(out).containsExactly("restart f9");
    }

    @Test
    void lateMessagesOfAnOldEpochAreReadForOnceAndNotHandedOn() {
        beginAt(5);
        cursor.missed();
        answer("f", 1, 1);
        out.clear();

        live(6);
        assertThat(cursor.wish()).isEqualTo(Wish.READ);
        answer("f", 1, 1);

        assertThat(out).isEmpty();
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);
    }

    @Test
    void anotherMessageInPlaceOfTheLastOneNeedsANewEpoch() {
        beginAt(5);
        live(6, 7);
        replaceTheLast();

        assertThat(cursor.wish()).isEqualTo(Wish.RESTART);
        assertThat(cursor.position()).isEqualTo(at("e", 7));

        cursor.asked();
        cursor.restarted();
        assertThat(cursor.wish()).isEqualTo(Wish.READ);
        out.clear();
        answer("g", 1, 1);

        assertThat(out).containsExactly("restart g0", "g1");
    }

    @Test
    void anotherMessageWithTheLastOffsetMeansThatTheTailIsLost() {
        beginAt(5);
        live(6, 7);
        cursor.missed();
        cursor.asked();

        cursor.page(new HistoryPage(at("e", 8), List.of(message("e", 7, "other"), message("e", 8))));

        assertThat(cursor.wish()).isEqualTo(Wish.RESTART);
        assertThat(out).containsExactly("e6", "e7");
    }

    @Test
    void theMessageOfTheFirstPositionIsKnownBySightToo() {
        cursor.asked();
        cursor.page(page("e", 5, 5));
        assertThat(out).isEmpty();
        cursor.missed();
        cursor.asked();

        cursor.page(new HistoryPage(at("e", 6), List.of(message("e", 5, "other"), message("e", 6))));

        assertThat(cursor.wish()).isEqualTo(Wish.RESTART);
    }

    @Test
    void aMessageInPlaceOfOneThatWasGoneMeansThatTheTailIsLost() {
        cursor.asked();
        cursor.page(page("e", 5));
        cursor.missed();

        answer("e", 5, 5);

        assertThat(cursor.wish()).isEqualTo(Wish.RESTART);
    }

    @Test
    void aMessageInPlaceOfTheLastOfAHoleIsLookedInto() {
        beginAt(5);
        cursor.missed();
        answer("e", 9);

        live(9);

        assertThat(cursor.wish()).isEqualTo(Wish.READ);
        answer("e", 9, 9);
        assertThat(cursor.wish()).isEqualTo(Wish.RESTART);
    }

    @Test
    void aMessageInPlaceOfTheLastBeforeARestartIsLookedInto() {
        beginAt(5);
        cursor.missed();
        answer("f", 9);

        cursor.message(message("f", 9), at("f", 9));

        assertThat(cursor.wish()).isEqualTo(Wish.READ);
        answer("f", 10, 9, 10);
        assertThat(cursor.wish()).isEqualTo(Wish.RESTART);
    }

    @Test
    void anOffsetThatComesTwiceIsLookedInto() {
        beginAt(5);
        live(6, 7);

        cursor.message(message("e", 6, "other"), at("e", 6));

        assertThat(cursor.wish()).isEqualTo(Wish.READ);
    }

    @Test
    void lateMessagesAfterAReadAreNoSurprise() {
        beginAt(5);
        cursor.missed();
        answer("e", 8, 6, 7, 8);
        live(6, 7, 8);
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);

        live(9);
        assertThat(out).containsExactly("e6", "e7", "e8", "e9");
    }

    @Test
    void anotherMessageInPlaceOfTheLastReadOneIsLookedInto() {
        beginAt(5);
        cursor.missed();
        answer("e", 8, 6, 7, 8);

        cursor.message(message("e", 8, "other"), at("e", 8));

        assertThat(cursor.wish()).isEqualTo(Wish.READ);
    }

    @Test
    void aFailedReadIsWishedForAgain() {
        beginAt(5);
        cursor.missed();
        cursor.asked();
        live(6);
        cursor.failed();

        assertThat(cursor.wish()).isEqualTo(Wish.READ);
        assertThat(cursor.position()).isEqualTo(at("e", 5));
        answer("e", 6, 5, 6);
        assertThat(out).containsExactly("e6");
    }

    @Test
    void aFailedRestartIsLookedIntoAgain() {
        beginAt(5);
        live(6, 7);
        replaceTheLast();
        cursor.asked();
        live(7);
        cursor.failed();

        assertThat(cursor.wish()).isEqualTo(Wish.READ);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 10, 100})
    void randomSchedulesHandOnAllInOrderOrSayWhatIsLost(long seed) {
        for (int round = 0; round < 300; round++) {
            new CursorSchedule(seed * 1_000 + round).run();
        }
    }

    @Test
    void anotherEpochGoesOnWhereThisOneEnds() {
        beginAt(5);
        cursor.message(message("e.2", 7), at("e.2", 7));
        cursor.asked();
        cursor.page(new HistoryPage(at("e.2", 8), next(5, 6, 7, 8), 6));

        assertThat(positions).containsExactly("e/6", "e.2/7", "e.2/8");
        assertThat(out).containsExactly("e6", "goes on e.26", "e7", "e8");
        assertThat(cursor.position()).isEqualTo(at("e.2", 8));
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);
    }

    @Test
    void anotherEpochWithoutAMessageGoesOnToo() {
        beginAt(5);
        cursor.missed();
        cursor.asked();
        assertThat(cursor.page(new HistoryPage(at("e.2", 5), next(5), 5))).isTrue();

        assertThat(out).containsExactly("goes on e.25");
    }

    @Test
    void theEndOfAnEpochThatIsPagesAwayIsReadUpToFirst() {
        beginAt(5);
        cursor.missed();
        cursor.asked();
        cursor.page(new HistoryPage(at("e.2", 9), next(5, 6), 7));
        assertThat(cursor.position()).isEqualTo(at("e", 6));
        cursor.asked();
        cursor.page(new HistoryPage(at("e.2", 9), next(6, 7, 8, 9), 7));

        assertThat(positions).containsExactly("e/6", "e/7", "e.2/8", "e.2/9");
        assertThat(out).contains("goes on e.27");
    }

    @Test
    void theTrimmedEndOfAnEpochIsAHoleOnBothSides() {
        beginAt(5);
        cursor.missed();
        cursor.asked();
        cursor.page(new HistoryPage(at("e.2", 9), next(9), 7));

        assertThat(out).containsExactly("hole 6-7", "goes on e.27", "hole 8-8", "e9");
    }

    @Test
    void allOfThemTrimmedGoesOnAtTheTop() {
        beginAt(5);
        cursor.missed();
        cursor.asked();
        cursor.page(new HistoryPage(at("e.2", 9), List.of(), 7));

        assertThat(out).containsExactly("hole 6-7", "goes on e.27", "hole 8-9");
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);
    }

    @Test
    void anEpochThatEndsBelowWhatWasHandedOnIsALoss() {
        beginAt(5);
        live(6, 7);
        cursor.missed();
        cursor.asked();
        cursor.page(new HistoryPage(at("e.2", 8), next(7, 8), 6));

        assertThat(out).containsExactly("e6", "e7", "restart e.26", "e7", "e8");
    }

    @Test
    void ofUnreadableMessagesOnlyThoseThatWereReadAreAHole() {
        beginAt(5);
        cursor.missed();
        cursor.asked();
        assertThat(cursor.page(new HistoryPage(at("e", 12), messages("e", 5), 12, 8)))
                .isTrue();
        assertThat(cursor.wish()).isEqualTo(Wish.READ);
        assertThat(cursor.position()).isEqualTo(at("e", 8));
        answer("e", 12, 9, 10);
        cursor.asked();
        cursor.page(new HistoryPage(at("e", 12), messages("e", 10, 11), 12, 12));

        assertThat(out).containsExactly("hole 6-8", "e9", "e10", "e11", "hole 12-12");
        assertThat(cursor.wish()).isEqualTo(Wish.NONE);
    }

    @Test
    void aRestartAmongUnreadableMessagesGoesOnWithThoseAfterThem() {
        beginAt(5);
        cursor.missed();
        cursor.asked();
        cursor.page(new HistoryPage(at("f", 9), List.of(), -1, 7));
        answer("f", 9, 8, 9);

        assertThat(out).containsExactly("restart f7", "f8", "f9");
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7, 8})
    void unreadableMessagesAroundTheEndOfAnEpochAreHolesOnBothSides(long read) {
        beginAt(5);
        cursor.missed();
        cursor.asked();
        cursor.page(new HistoryPage(at("e.2", 9), next(5), 7, read));
        cursor.asked();
        cursor.page(new HistoryPage(at("e.2", 9), next(9), 7, 9));

        assertThat(out).contains("goes on e.27").endsWith("e9").doesNotContain("hole 8-9", "hole 9-9");
        assertThat(positions).containsExactly("e.2/9");
    }

    /** What the next epoch has of the same messages. */
    private static List<Publication> next(long... offsets) {
        return LongStream.of(offsets)
                .mapToObj(offset -> message("e.2", offset, "e" + offset))
                .toList();
    }

    /** What the history has in place of the last message is not what was heard. */
    private void replaceTheLast() {
        cursor.missed();
        cursor.asked();
        cursor.page(new HistoryPage(at("e", 7), List.of(message("e", 7, "other"))));
    }

    private void beginAt(long offset) {
        cursor.asked();
        cursor.page(offset == 0 ? page("e", 0) : page("e", offset, offset));
    }

    private void live(long... offsets) {
        for (long offset : offsets) {
            cursor.message(message("e", offset), at("e", offset));
        }
    }

    private void answer(String epoch, long top, long... offsets) {
        StreamPosition position = cursor.position();
        boolean isKnown = position == null || position.epoch().equals(epoch);
        cursor.asked();
        cursor.page(new HistoryPage(at(epoch, top), messages(epoch, offsets), isKnown ? top : -1));
    }

    private static HistoryPage page(String epoch, long top, long... offsets) {
        return new HistoryPage(at(epoch, top), messages(epoch, offsets));
    }

    private static List<Publication> messages(String epoch, long... offsets) {
        return LongStream.of(offsets).mapToObj(offset -> message(epoch, offset)).toList();
    }

    private static Publication message(String epoch, long offset) {
        return message(epoch, offset, epoch + offset);
    }

    private static Publication message(String epoch, long offset, String text) {
        return new Publication(CHANNEL, text.getBytes(StandardCharsets.UTF_8), at(epoch, offset));
    }

    private static StreamPosition at(String epoch, long offset) {
        return new StreamPosition(epoch, offset);
    }

    private void keep(Arrival arrival) {
        if (arrival instanceof Publication publication && publication.position() != null) {
            positions.add(publication.position().epoch() + "/"
                    + publication.position().offset());
        }
        out.add(
                arrival instanceof Publication publication
                        ? new String(publication.data(), StandardCharsets.UTF_8)
                        : arrival instanceof Hole hole
                                ? "hole " + hole.from() + "-" + hole.to()
                                : arrival instanceof Restart restart
                                        ? (restart.recovered() ? "goes on " : "restart ")
                                                + restart.position().epoch()
                                                + restart.position().offset()
                                        : arrival.toString());
    }
}
