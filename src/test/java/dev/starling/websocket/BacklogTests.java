package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.channel.ChannelHub;
import dev.starling.channel.ChannelSubscription;
import dev.starling.channel.HubOptions;
import dev.starling.channel.Recovered;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What a session keeps while its socket takes nothing, and what becomes of it. */
final class BacklogTests {

    private static final String PAD = "x".repeat(1_000);

    private final Wire wire = new Wire();
    private final Wire otherWire = new Wire();
    private final HubOptions options = new HubOptions();
    private final SessionFixture fixture = new SessionFixture(hub(), "max-backlog=100KB");
    private final Session session = fixture.session(wire, wire.outbox());

    private ChannelHub hub() {
        return options.history("*news", 10_000)
                .dropOldest("lossy:*", 10)
                .latestOnly("price:*")
                .hub();
    }

    @AfterEach
    void close() {
        wire.close();
        otherWire.close();
        fixture.close();
    }

    @Test
    void whileTheSocketTakesAllNothingIsHeld() {
        join("lossy:chat");

        publish("lossy:chat", 1, 40);

        assertThat(numbers()).isEqualTo(range(1, 40));
        assertThat(dropped("drop_oldest")).isZero();
    }

    @Test
    void theOldestOfWhatIsHeldIsDroppedAndTheClientIsTold() {
        join("lossy:news");
        stall();
        publish("lossy:news", 1, 25);

        unstall();

        assertThat(numbers()).isEqualTo(concat(List.of("gap 1-15"), range(16, 25)));
        assertThat(dropped("drop_oldest")).isEqualTo(15);
        assertThat(session.isClosing()).isFalse();
        publish("lossy:news", 26, 26);
        assertThat(numbers()).isEqualTo(range(26, 26));
    }

    @Test
    void asMuchAsMayBeHeldIsNotDropped() {
        join("lossy:news");
        stall();

        publish("lossy:news", 1, 10);
        unstall();

        assertThat(numbers()).isEqualTo(range(1, 10));
        assertThat(dropped("drop_oldest")).isZero();
    }

    @Test
    void ofAChannelWithoutHistoryWhatIsDroppedCannotBeTold() {
        join("lossy:chat");
        stall();
        publish("lossy:chat", 1, 12);

        unstall();

        assertThat(numbers()).isEqualTo(range(3, 12));
    }

    @Test
    void ofPricesOnlyTheLatestIsHeld() {
        join("price:news");
        join("price:chat");
        stall();
        publish("price:news", 1, 25);
        publish("price:chat", 1, 25);

        unstall();

        assertThat(numbers()).containsExactlyInAnyOrder("gap 1-24", "25", "25");
        assertThat(dropped("latest_only")).isEqualTo(48);
    }

    @Test
    void somebodysComingDoesNotCostTheLatestPrice() {
        join("price:news");
        stall();
        publish("price:news", 1, 2);
        options.broker()
                .announce(new PresenceChange(new ChannelName("price:news"), true, new Member("eve", "c", 1)))
                .block();
        run();

        unstall();

        assertThat(numbers()).containsExactly("gap 1-1", "2");
    }

    @Test
    void aCompressedSessionHoldsTheSame() {
        Session deflating = fixture.session(otherWire, otherWire.deflatingOutbox());
        join(deflating, "lossy:news");
        otherWire.stall();
        deflating.send(filler());

        publish("lossy:news", 1, 25);
        otherWire.channel.runPendingTasks();
        otherWire.unstall();
        otherWire.channel.runPendingTasks();

        assertThat(numbers(otherWire)).isEqualTo(concat(List.of("gap 1-15"), range(16, 25)));
    }

    /** With ten subscriptions of ten messages of 10 KB more would be held than may. */
    @Test
    void allThatIsHeldForOneSessionHasALimitInBytes() {
        for (int i = 0; i < 10; i++) {
            join("lossy:" + i);
        }
        stall();
        for (int i = 0; i < 10; i++) {
            for (int n = 1; n <= 10; n++) {
                publish("lossy:" + i, n + "." + "1".repeat(10_000));
            }
        }

        unstall();

        int bytes = wire.written().stream().mapToInt(String::length).sum();
        assertThat(bytes).isBetween(90_000, 200_000);
        assertThat(dropped("drop_oldest")).isBetween(85.0, 95.0);
        assertThat(session.isClosing()).isFalse();
    }

    @Test
    void oneMessageIsHeldWhateverItsSize() {
        join("price:news");
        stall();
        publish("price:news", "1." + "1".repeat(300_000));

        unstall();

        assertThat(wire.written()).anySatisfy(text -> assertThat(text).hasSizeGreaterThan(300_000));
        assertThat(session.isClosing()).isFalse();
    }

    @Test
    void aSubscriptionThatDisconnectsStillDoes() {
        join("chat");
        join("lossy:news");
        stall();
        publish("lossy:news", 1, 25);

        for (int i = 0; i < 200 && !session.isClosing(); i++) {
            publish("chat", '"' + PAD + '"');
        }

        assertThat(session.isClosing()).isTrue();
        assertThat(fixture.count("ws.slow.consumers")).isEqualTo(1);
    }

    /** What is written while the socket takes more may be more than a backlog may be. */
    @Test
    void nobodyIsDisconnectedForWhatSuchChannelsWrote() {
        join("lossy:news");
        wire.stall();
        publish("lossy:news", "1." + "1".repeat(300_000));
        assertThat(session.pendingBytes()).isGreaterThan(300_000);

        session.send(new ServerFrame.Pong(null, 1));
        assertThat(session.isClosing()).isFalse();

        for (int i = 0; i < 400 && !session.isClosing(); i++) {
            session.send(new ServerFrame.Pong(null, 1));
        }
        assertThat(session.isClosing()).as("for its own 100 KB it would").isFalse();
        session.send(new ServerFrame.GoAway(PAD.repeat(120), 1, 1));
        assertThat(session.isClosing()).isTrue();
    }

    @Test
    void whatIsHeldIsReleasedWithTheSubscriptionAndWithTheSession() {
        ChannelSubscription first = join("lossy:1");
        join("lossy:2");
        stall();
        publish("lossy:1", 1, 5);
        publish("lossy:2", 1, 5);

        session.leave(first.channel());
        unstall();
        assertThat(numbers()).isEqualTo(range(1, 5));

        stall();
        publish("lossy:2", 6, 9);
        session.close(CloseCode.NORMAL);
        unstall();
        assertThat(numbers()).isEmpty();
    }

    @Test
    void theClientIsToldHowFarItHasGot() {
        ChannelSubscription subscription = join("lossy:news");
        publish("lossy:news", 1, 3);
        wire.written();
        stall();
        assertThat(offset(session.position(subscription))).isEqualTo(3);

        publish("lossy:news", 4, 8);
        assertThat(offset(session.position(subscription))).isEqualTo(3);
        publish("lossy:news", 9, 30);
        assertThat(offset(session.position(subscription))).isEqualTo(3);
        unstall();

        assertThat(offset(session.position(subscription))).isEqualTo(30);
    }

    /** Sockets that open and shut at random get all that was not dropped, in order, and are told the rest. */
    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33})
    void messagesAndGapsTogetherAreTheWholeChannel(long seed) {
        Random random = new Random(seed);
        join("lossy:news");
        List<String> got = new ArrayList<>();
        int next = 1;
        for (int i = 0; i < 200; i++) {
            int count = random.nextInt(30);
            publish("lossy:news", next, next + count - 1);
            next += count;
            switch (random.nextInt(3)) {
                case 0 -> {
                    unstall();
                    stall();
                }
                case 1 -> unstall();
                default -> {}
            }
            got.addAll(numbers());
        }
        unstall();
        got.addAll(numbers());

        int at = 0;
        for (String each : got) {
            String[] ends = each.replace("gap ", "").split("-", -1);
            assertThat(Integer.parseInt(ends[0])).as(each).isEqualTo(at + 1);
            at = Integer.parseInt(ends[ends.length - 1]);
        }
        assertThat(at).isEqualTo(next - 1);
        assertThat(got).anyMatch(each -> each.startsWith("gap"));
    }

    /** 3 MB for a session that may have 100 KB waiting. */
    @Test
    void aLargePastIsWrittenAsTheSocketTakesIt() {
        StreamPosition start = Objects.requireNonNull(join("news").position());
        session.leave(new ChannelName("news"));
        for (int i = 1; i <= 900; i++) {
            publish("news", i + "." + "1".repeat(3_000));
        }
        wire.stall();

        recover("news", start);

        assertThat(session.pendingBytes()).isLessThan(100_000);
        publish("news", 901, 905);
        int turns = 0;
        List<String> got = new ArrayList<>();
        while (got.size() < 905 && turns < 200) {
            turns++;
            wire.readOnce();
            run();
            got.addAll(numbers());
        }

        assertThat(got).isEqualTo(range(1, 905));
        assertThat(turns).isGreaterThan(10);
        assertThat(session.isClosing()).isFalse();
        wire.unstall();
        publish("news", 906, 906);
        assertThat(numbers()).isEqualTo(range(906, 906));
    }

    @Test
    void aClientThatCatchesUpButNeverReadsIsClosedInTheEnd() {
        StreamPosition start = Objects.requireNonNull(join("news").position());
        session.leave(new ChannelName("news"));
        for (int i = 1; i <= 300; i++) {
            publish("news", i + "." + "1".repeat(1_000));
        }
        wire.stall();
        recover("news", start);

        for (int i = 0; i < 200 && !session.isClosing(); i++) {
            publish("news", "1." + "1".repeat(100_000));
        }

        assertThat(session.isClosing()).isTrue();
        assertThat(fixture.count("ws.slow.consumers")).isEqualTo(1);
    }

    /** Each recovery reads a part of the history: who asks for one after the other without reading would fill the heap. */
    @Test
    void whoHasMuchOfThePastToReadAsksForNoMoreOfIt() {
        StreamPosition start = Objects.requireNonNull(join("news").position());
        session.leave(new ChannelName("news"));
        for (int i = 1; i <= 200; i++) {
            publish("news", i + "." + "1".repeat(1_000));
        }
        stall();
        assertThat(isCaughtUp()).isTrue();
        recover("news", start);
        List<String> done = new ArrayList<>();
        session.whenCaughtUp().subscribe(nothing -> {}, failure -> {}, () -> done.add("done"));
        assertThat(done).isEmpty();

        unstall();

        assertThat(numbers()).isEqualTo(range(1, 200));
        assertThat(done).containsExactly("done");
        assertThat(isCaughtUp()).isTrue();
    }

    @Test
    void aPastThatIsLetGoOfIsNotWaitedFor() {
        StreamPosition start = Objects.requireNonNull(join("news").position());
        session.leave(new ChannelName("news"));
        for (int i = 1; i <= 200; i++) {
            publish("news", i + "." + "1".repeat(1_000));
        }
        stall();
        recover("news", start);
        assertThat(isCaughtUp()).isFalse();

        session.leave(new ChannelName("news"));

        assertThat(isCaughtUp()).isTrue();
    }

    private boolean isCaughtUp() {
        boolean[] done = new boolean[1];
        session.whenCaughtUp().subscribe(nothing -> {}, failure -> {}, () -> done[0] = true);
        return done[0];
    }

    /** So does TLS, and what it holds does not count as pending. */
    @Test
    void noMoreIsWrittenBetweenTwoFlushesThanTheSocketMayHold() {
        StreamPosition start = Objects.requireNonNull(join("news").position());
        session.leave(new ChannelName("news"));
        for (int i = 1; i <= 200; i++) {
            publish("news", i + "." + "1".repeat(10_000));
        }
        wire.holdUntilFlush();
        wire.stall();

        recover("news", start);

        assertThat(session.pendingBytes()).isBetween(50_000L, 150_000L);
    }

    @Test
    void aPastThatIsLetGoOfInTheMiddleDoesNoHarm() {
        StreamPosition start = Objects.requireNonNull(join("news").position());
        session.leave(new ChannelName("news"));
        publish("news", 1, 500);
        stall();
        recover("news", start);
        publish("news", 501, 510);

        session.leave(new ChannelName("news"));
        unstall();

        assertThat(numbers()).isEmpty();
        assertThat(session.isClosing()).isFalse();
    }

    @Test
    void aRecoveryThatComesTooLateIsGivenBack() {
        StreamPosition start = Objects.requireNonNull(join("news").position());
        session.leave(new ChannelName("news"));
        CompletableFuture<Recovered> result = fixture.hub
                .recover(new ChannelName("news"), start, session.loop())
                .toFuture();
        run();
        Recovered late = Objects.requireNonNull(result.getNow(null));
        session.close(CloseCode.NORMAL);

        assertThat(session.join(late)).isFalse();
        publish("news", 1, 2);
        assertThat(numbers()).isEmpty();
    }

    @Test
    void aLargeFrameIsDoneWhenTheSocketHasTakenIt() {
        wire.stall();
        List<String> done = new ArrayList<>();

        Mono<Void> sent = session.sendLarge(new ServerFrame.GoAway(PAD.repeat(500), 1, 1));
        sent.subscribe(nothing -> {}, failure -> done.add("failed"), () -> done.add("done"));
        run();

        assertThat(done).isEmpty();
        session.send(new ServerFrame.Pong(null, 1));
        assertThat(session.isClosing()).as("it does not make a slow consumer").isFalse();
        unstall();
        assertThat(done).containsExactly("done");
    }

    @Test
    void whoWaitsForTheSocketIsToldWhenTheSessionEnds() {
        wire.stall();
        List<String> done = new ArrayList<>();
        session.sendLarge(new ServerFrame.GoAway(PAD.repeat(500), 1, 1))
                .subscribe(nothing -> {}, failure -> done.add("failed"), () -> done.add("done"));

        session.cut(Closing.LOST);
        run();

        assertThat(done).containsExactly("done");
    }

    private ChannelSubscription join(String channel) {
        return join(session, channel);
    }

    private ChannelSubscription join(Session joining, String channel) {
        CompletableFuture<ChannelSubscription> result = fixture.hub
                .subscribe(new ChannelName(channel), joining, joining.loop())
                .toFuture();
        (joining == session ? wire : otherWire).channel.runPendingTasks();
        ChannelSubscription subscription = Objects.requireNonNull(result.getNow(null));
        assertThat(joining.join(subscription)).isTrue();
        return subscription;
    }

    private void recover(String channel, StreamPosition since) {
        fixture.hub.recover(new ChannelName(channel), since, session.loop()).subscribe(recovered -> {
            assertThat(recovered.recovered()).isTrue();
            assertThat(session.join(recovered)).isTrue();
            session.resume();
        });
        run();
    }

    /** From now on the socket takes nothing, and has some more than Netty takes for writable. */
    private void stall() {
        wire.stall();
        session.send(filler());
    }

    private static ServerFrame filler() {
        return new ServerFrame.GoAway(PAD.repeat(70), 1, 1);
    }

    private void unstall() {
        wire.unstall();
        run();
    }

    private void publish(String channel, int from, int to) {
        for (int i = from; i <= to; i++) {
            publish(channel, Integer.toString(i));
        }
    }

    private void publish(String channel, String data) {
        fixture.hub
                .publish(new ChannelName(channel), data.getBytes(StandardCharsets.UTF_8), null)
                .block();
        run();
    }

    private void run() {
        wire.channel.runPendingTasks();
    }

    private double dropped(String policy) {
        return fixture.count("ws.overflow.dropped", "policy", policy);
    }

    private List<String> numbers() {
        return numbers(wire);
    }

    /** The messages by their number, and the gaps; all else is left out. */
    private static List<String> numbers(Wire from) {
        Pattern wanted = Pattern.compile("\"data\":(\\d+)|\"from\":(\\d+),\"to\":(\\d+)");
        List<String> numbers = new ArrayList<>();
        for (String text : from.written()) {
            Matcher found = wanted.matcher(text);
            while (found.find()) {
                numbers.add(found.group(1) != null ? found.group(1) : "gap " + found.group(2) + "-" + found.group(3));
            }
        }
        return numbers;
    }

    private static List<String> range(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }

    private static List<String> concat(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static long offset(@Nullable StreamPosition position) {
        return Objects.requireNonNull(position).offset();
    }
}
