package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.broker.BrokerContract;
import dev.starling.broker.HistoryPage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.RedisServer;
import dev.starling.setting.HistoryLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** A position names the same message for ever, or is known not to: whatever Redis has lost, and whoever finds out first. */
final class RedisGenerationsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ChannelName CHANNEL = new ChannelName("chat:1");
    private static final String META = LettuceNode.KEYS.meta(CHANNEL);
    private static final String STREAM = LettuceNode.KEYS.stream(CHANNEL);
    private static final HistoryLimits LIMITS = new HistoryLimits(1_000, Duration.ofMinutes(5));

    private final List<AutoCloseable> resources = new ArrayList<>();
    private RedisServer redis = keep(RedisServer.startDurable());
    private @Nullable LettuceNode node;
    private @Nullable RedisServer connectedTo;

    @AfterEach
    void close() throws Exception {
        for (int i = resources.size() - 1; i >= 0; i--) {
            resources.get(i).close();
        }
    }

    @Test
    void twoClientsThatSawWhatRedisLostAreBothTold() {
        StreamPosition fifth = publish(1, 5);
        StreamPosition third = new StreamPosition(fifth.epoch(), 3);
        loseByHand(4, 5);

        HistoryPage first = read(fifth);
        assertThat(first.holds(fifth)).isFalse();
        assertThat(first.top().offset()).isEqualTo(3);
        assertThat(first.top().epoch()).isNotEqualTo(fifth.epoch());
        publish(4, 6);

        assertThat(read(fifth).holds(fifth)).isFalse();
        assertThat(read(new StreamPosition(fifth.epoch(), 4)).holds(new StreamPosition(fifth.epoch(), 4)))
                .isFalse();
        assertRecovers(third, "4", "5", "6");
        assertRecovers(first.top(), "4", "5", "6");
    }

    @Test
    void theyAreWhenTheStreamHidesTheLossToo() {
        publish(1, 3);
        Runnable loss = lossSinceNow();
        StreamPosition fifth = publish(4, 5);
        loss.run();

        HistoryPage first = read(fifth);
        assertThat(first.holds(fifth)).isFalse();
        publish(4, 6);

        assertThat(read(fifth).holds(fifth)).isFalse();
        assertRecovers(new StreamPosition(fifth.epoch(), 3), "4", "5", "6");
    }

    @Test
    void aLossThatIsFoundTwiceIsToldTwice() {
        publish(1, 3);
        Runnable firstLoss = lossSinceNow();
        StreamPosition fifth = publish(4, 5);
        firstLoss.run();
        read(fifth);
        publish(4, 4);
        Runnable secondLoss = lossSinceNow();
        StreamPosition sixth = publish(5, 6);
        secondLoss.run();
        read(sixth);
        publish(5, 7);

        assertThat(read(sixth).holds(sixth)).isFalse();
        assertThat(read(fifth).holds(fifth)).isFalse();
        assertRecovers(new StreamPosition(sixth.epoch(), 4), "5", "6", "7");
    }

    @Test
    void aPublishThatFindsItsOffsetTakenTellsToo() {
        StreamPosition fifth = publish(1, 5);
        loseByHand(4, 5);

        StreamPosition fourth = publish(4, 4);

        assertThat(fourth.offset()).isEqualTo(4);
        assertThat(read(fifth).holds(fifth)).isFalse();
        assertRecovers(new StreamPosition(fifth.epoch(), 3), "4");
    }

    @Test
    void whatMayHaveBeenWrittenBeforeTheLossWasFoundHoldsForNobody() {
        StreamPosition fifth = publish(1, 5);
        redis.cli("DEL", STREAM);
        redis.cli("HSET", META, "s", "3");
        publish(4, 4);

        HistoryPage page = done(node().streams().follow(CHANNEL, LIMITS, fifth, 100, Long.MAX_VALUE));
        assertThat(page.holds(fifth)).isFalse();

        StreamPosition fourth = new StreamPosition(fifth.epoch(), 4);
        assertThat(read(fourth).holds(fourth)).isFalse();
    }

    @Test
    void aKeyWhoseMessageIsLostIsPublishedAnew() {
        publish(1, 4);
        StreamPosition fifth = keep("5", "k");
        loseByHand(4, 5);

        StreamPosition again = keep("5 again", "k");

        assertThat(again.offset()).isEqualTo(4);
        assertThat(again.epoch()).isNotEqualTo(fifth.epoch());
        assertThat(keep("5 once more", "k")).isEqualTo(again);
        assertThat(read(fifth).holds(fifth)).isFalse();
    }

    @Test
    void anOldKeyWhoseMessageIsThereKeepsItsAnswer() {
        publish(1, 4);
        StreamPosition fifth = keep("5", "k");
        restart();
        publish(6, 6);

        assertThat(keep("5", "k")).isEqualTo(fifth);
        assertRecovers(fifth, "6");
    }

    @Test
    void aRestartThatLosesNothingCostsNoPosition() {
        StreamPosition fifth = publish(1, 5);
        StreamPosition last = fifth;
        for (int i = 6; i <= 9; i++) {
            restart();
            assertThat(read(last).holds(last)).as("before the first message").isTrue();
            StreamPosition next = publish(i, i);
            assertThat(next.epoch()).isNotEqualTo(last.epoch());
            assertThat(next.isSameLife(fifth)).isTrue();
            last = next;
        }

        for (int offset = 0; offset <= 5; offset++) {
            assertRecovers(
                    new StreamPosition(fifth.epoch(), offset),
                    numbers(offset + 1, 9).toArray(String[]::new));
        }
        StreamPosition sixth = new StreamPosition(fifth.epoch(), 6);
        assertThat(read(sixth).holds(sixth)).isFalse();
    }

    /** As after each start: what is read costs the list of generations nothing. */
    @Test
    void readingBeginsNoGeneration() {
        StreamPosition fifth = publish(1, 5);
        restart();

        assertThat(read(null).top()).isEqualTo(fifth);
        assertThat(redis.cli("HEXISTS", META, "g")).isEqualTo("0");
    }

    @Test
    void aReplicaThatLagsAndTakesOverGivesNoOffsetAwayTwice() {
        RedisServer replica = replica();
        publish(1, 3);
        awaitReplica(replica, 3);
        cutOff(replica);
        StreamPosition fifth = publish(4, 5);

        redis = replica;
        promote(replica);
        StreamPosition other = publish(4, 7);

        assertThat(other.offset()).isEqualTo(7);
        assertThat(read(fifth).holds(fifth)).isFalse();
        assertRecovers(new StreamPosition(fifth.epoch(), 3), "4", "5", "6", "7");
    }

    @Test
    void aFailoverThereAndBackIsNoticedThoughNothingWasWrittenInBetween() {
        RedisServer first = redis;
        RedisServer second = replica();
        publish(1, 3);
        awaitReplica(second, 3);
        cutOff(second);
        StreamPosition fifth = publish(4, 5);
        promote(second);
        first.cli("REPLICAOF", RedisServer.HOST, Integer.toString(second.port()));
        awaitReplica(first, 3);
        cutOff(first);
        promote(first); // the same process as in the beginning, on the connection that was there before

        StreamPosition other = publish(4, 7);

        assertThat(other.offset()).isEqualTo(7);
        assertThat(read(fifth).holds(fifth)).isFalse();
        assertRecovers(new StreamPosition(fifth.epoch(), 3), "4", "5", "6", "7");
    }

    @Test
    void whatOneHalfOfAPartitionWroteIsUnknownToTheOther() {
        RedisServer first = redis;
        RedisServer second = replica();
        publish(1, 3);
        awaitReplica(second, 3);
        cutOff(second);
        promote(second);
        StreamPosition fifthOfFirst = publish(4, 5);
        redis = second;
        StreamPosition fifthOfSecond = publish(4, 5);
        second.cli("REPLICAOF", RedisServer.HOST, Integer.toString(first.port()));
        awaitReplica(second, 5);
        redis = first;
        first.restart();
        StreamPosition sixth = publish(6, 6);

        assertThat(read(fifthOfSecond).holds(fifthOfSecond)).isFalse();
        assertRecovers(fifthOfFirst, "6");
        assertRecovers(sixth);
    }

    @Test
    void ofManyGenerationsTheOldestAreForgottenAndHoldNoMore() {
        List<StreamPosition> positions = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            positions.add(publish(i, i));
            becomeAnotherMaster();
        }

        assertThat(positions.stream().filter(position -> read(position).holds(position)))
                .as("of the present generation and the 16 before it")
                .containsExactlyElementsOf(positions.subList(3, 20));
    }

    @Test
    void aHistoryFromBeforeThereWereGenerationsHoldsUpToWhereTheyBegin() {
        publish(1, 5);
        redis.cli("HSET", META, "e", "1y2p0ij32e8e7");
        StreamPosition old = new StreamPosition("1y2p0ij32e8e7", 5);

        assertRecovers(old);
        publish(6, 6);

        assertRecovers(old, "6");
        StreamPosition sixth = new StreamPosition(old.epoch(), 6);
        assertThat(read(sixth).holds(sixth)).isFalse();
    }

    /** The node of an older version that finds a loss begins anew, and leaves the list of generations as it is. */
    @Test
    void generationsOfAnotherLifeHoldNoMore() {
        StreamPosition fifth = publish(1, 5);
        becomeAnotherMaster();
        publish(6, 6);
        redis.cli("HSET", META, "e", "another", "s", "0");
        redis.cli("DEL", STREAM);
        publish(1, 9);

        assertThat(read(fifth).holds(fifth)).isFalse();
        becomeAnotherMaster();
        publish(10, 10);
        assertThat(read(fifth).holds(fifth)).isFalse();
        assertRecovers(new StreamPosition("another", 0), numbers(1, 10).toArray(String[]::new));
    }

    @Test
    void positionsThatAClientMakesUpDoNotMakeOthersForgotten() {
        StreamPosition fifth = publish(1, 5);

        for (int i = 0; i < 100; i++) {
            StreamPosition now = read(null).top();
            StreamPosition madeUp = new StreamPosition(now.epoch(), 1_000);
            assertThat(read(madeUp).holds(madeUp)).isFalse();
            publish(6 + i, 6 + i);
        }

        int number = Integer.parseInt(part(read(null).top(), 1));
        assertThat(number).as("at most five in a minute, which may have passed").isBetween(2, 11);
        assertRecovers(fifth, numbers(6, 105).toArray(String[]::new));
    }

    @Test
    void ofTheLossesThatClientsClaimInAMinuteTheSixthBeginsNoGeneration() {
        StreamPosition fifth = publish(1, 5);
        await().atMost(PATIENCE).until(() -> serverSeconds() % 60 < 45); // all within a minute
        long minute = serverSeconds() / 60;

        for (int claim = 1; claim <= 5; claim++) {
            claimLoss();
            assertThat(part(read(null).top(), 1)).isEqualTo(Integer.toString(claim + 1));
        }
        claimLoss();
        assertThat(part(read(null).top(), 1)).isEqualTo("6");

        redis.cli("HSET", META, "c", (minute - 1) + ":5");
        claimLoss();
        assertThat(part(read(null).top(), 1)).as("in another minute").isEqualTo("7");
        assertRecovers(fifth);
    }

    private void claimLoss() {
        StreamPosition madeUp = new StreamPosition(read(null).top().epoch(), 1_000);
        assertThat(read(madeUp).holds(madeUp)).isFalse();
    }

    private long serverSeconds() {
        return Long.parseLong(String.valueOf(redis.list("TIME").get(0)));
    }

    @Test
    void aNodeReadsFromWhereItsMessagesAreGone() {
        StreamPosition fifth = publish(1, 5);
        loseByHand(4, 5);
        publish(4, 6);

        HistoryPage page = done(node().streams().follow(CHANNEL, LIMITS, fifth, 100, Long.MAX_VALUE));

        assertThat(page.kept()).isEqualTo(3);
        assertThat(texts(page)).containsExactly("4", "5", "6");
        assertThat(texts(done(node().streams().follow(CHANNEL, LIMITS, page.top(), 100, Long.MAX_VALUE))))
                .containsExactly("6");
    }

    @Test
    void readingBackwardsKnowsItsPositions() {
        StreamPosition fifth = publish(1, 5);
        becomeAnotherMaster();
        publish(6, 8);

        HistoryPage page = done(node().streams().readBack(CHANNEL, LIMITS, fifth, 2, Long.MAX_VALUE));

        assertThat(texts(page)).containsExactly("3", "4");
        assertThat(page.kept()).isEqualTo(5);
    }

    @Test
    void anEpochNamesItsLifeItsNumberAndItsMaster() {
        StreamPosition first = publish(1, 1);

        assertThat(first.epoch()).matches("[0-9a-z]{1,13}\\.1\\.[0-9a-f]{8}");
        assertThat(redis.info("master_replid")).startsWith(part(first, 2));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void inRandomHistoriesAPositionHoldsExactlyIfNothingOfItIsLost(long seed) {
        RedisServer other = keep(RedisServer.start());
        List<LettuceNode> nodes = List.of(node(), keep(new LettuceNode(other)));

        List<Integer> counts = new PositionHistories(seed, List.of(redis, other), nodes).run(400);

        assertThat(counts)
                .as("positions that held, and that did not")
                .allSatisfy(count -> assertThat(count).isGreaterThan(10));
    }

    /** Of the epoch: the life, the number, the master. */
    private static String part(StreamPosition position, int index) {
        return List.of(position.epoch().split("\\.", -1)).get(index);
    }

    /** As a failover that loses nothing. */
    private void becomeAnotherMaster() {
        redis.cli("REPLICAOF", RedisServer.HOST, "1");
        redis.cli("REPLICAOF", "NO", "ONE");
    }

    private void restart() {
        redis.restart();
        node = null;
    }

    private void loseByHand(int... offsets) {
        redis.cli("HSET", META, "s", Integer.toString(offsets[0] - 1));
        for (int offset : offsets) {
            redis.cli("XDEL", STREAM, offset + "-0");
        }
    }

    private Runnable lossSinceNow() {
        return node().lossSinceNow(META, STREAM);
    }

    private RedisServer replica() {
        return keep(RedisServer.startDurable("replicaof " + RedisServer.HOST + " " + redis.port()));
    }

    private static void awaitReplica(RedisServer replica, int offset) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> replica.info("master_link_status").equals("up")
                        && replica.cli("HGET", META, "s").equals(Integer.toString(offset)));
    }

    /** It gets nothing from now on. */
    private static void cutOff(RedisServer replica) {
        replica.cli("REPLICAOF", RedisServer.HOST, "1");
    }

    private static void promote(RedisServer replica) {
        replica.cli("REPLICAOF", "NO", "ONE");
    }

    private StreamPosition publish(int first, int last) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(i -> keep(Integer.toString(i), null))
                .reduce((before, after) -> after)
                .orElseThrow();
    }

    private StreamPosition keep(String data, @Nullable String key) {
        return done(node().streams().publish(CHANNEL, data.getBytes(StandardCharsets.UTF_8), LIMITS, key));
    }

    private HistoryPage read(@Nullable StreamPosition since) {
        return done(node().streams().read(CHANNEL, LIMITS, since, 100, Long.MAX_VALUE));
    }

    private void assertRecovers(StreamPosition since, String... missed) {
        HistoryPage page = read(since);
        assertThat(page.holds(since)).as("%s holds", since).isTrue();
        assertThat(texts(page)).containsExactly(missed);
    }

    /** Connected to the Redis of now; a connection stays as long as that does. */
    private LettuceNode node() {
        LettuceNode known = node;
        if (known == null || connectedTo != redis) {
            connectedTo = redis;
            known = keep(new LettuceNode(redis));
            node = known;
        }
        return known;
    }

    private static List<String> texts(HistoryPage page) {
        return page.publications().stream().map(BrokerContract::text).toList();
    }

    private static List<String> numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
    }

    private <T extends AutoCloseable> T keep(T resource) {
        resources.add(resource);
        return resource;
    }

    private static <T> T done(Mono<T> result) {
        return Objects.requireNonNull(result.block(PATIENCE));
    }
}
