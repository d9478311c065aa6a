package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.starling.broker.BrokerContract;
import dev.starling.broker.HistoryPage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.RedisServer;
import dev.starling.redis.link.RedisProperties;
import dev.starling.setting.HistoryLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Publishing and the history against a real server. */
final class RedisStreamsIT {

    static final RedisProperties PROPERTIES =
            Binder.get(new MockEnvironment()).bindOrCreate("starling.broker.redis", RedisProperties.class);

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ChannelName CHANNEL = new ChannelName("chat:1");
    private static final String PUBSUB = LettuceNode.KEYS.pubsub(CHANNEL);
    private static final String META = LettuceNode.KEYS.meta(CHANNEL);
    private static final String STREAM = LettuceNode.KEYS.stream(CHANNEL);
    private static final HistoryLimits LIMITS = new HistoryLimits(1_000, Duration.ofMinutes(5));
    private static final int ALL = 100_000;

    private static RedisServer redis;

    private LettuceNode node;
    private RedisStreams streams;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void connect() {
        redis.cli("FLUSHALL");
        node = new LettuceNode(redis);
        streams = node.streams();
    }

    @AfterEach
    void disconnect() {
        node.close();
    }

    @Test
    void aMessageWithoutHistoryIsHeardAndLeavesNothingBehind() {
        node.listen(PUBSUB);

        assertThat(send("\"é\"", null)).isNull();

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(node.heard()).containsExactly(PUBSUB + " 1m\"é\""));
        assertThat(redis.cli("DBSIZE")).isEqualTo("0");
    }

    @Test
    void aMessageWithHistoryIsHeardWithItsPositionAndKept() {
        node.listen(PUBSUB);

        StreamPosition first = keep("1", LIMITS, null);
        StreamPosition second = keep("2", LIMITS, null);

        assertThat(first.offset()).isEqualTo(1);
        assertThat(second).isEqualTo(new StreamPosition(first.epoch(), 2));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(node.heard())
                        .containsExactly(
                                PUBSUB + " 1p" + first.epoch() + ":1:1", PUBSUB + " 1p" + first.epoch() + ":2:2"));
        HistoryPage page = read(null, ALL);
        assertThat(page.top()).isEqualTo(second);
        assertThat(texts(page)).containsExactly("1", "2");
        assertThat(page.publications().get(1).position()).isEqualTo(second);
    }

    @Test
    void theScriptWritesWhatTheCodecReads() throws Exception {
        node.listen(PUBSUB);
        StreamPosition position = keep("{\"a:b\":1}", LIMITS, null);

        await().atMost(PATIENCE).until(() -> !node.heard().isEmpty());
        byte[] envelope = bytes(node.heard().get(0).substring(PUBSUB.length() + 1));

        assertThat(PublicationCodec.encode(bytes("{\"a:b\":1}"), position)).isEqualTo(envelope);
        assertThat(PublicationCodec.decode(CHANNEL, envelope))
                .isInstanceOfSatisfying(
                        Publication.class, read -> assertThat(read.position()).isEqualTo(position));
    }

    @Test
    void offsetsOfManyPublishersHaveNoHoleAndTheOrderOnTheWireIsTheirs() {
        int publishers = 8;
        int each = 500;
        int all = publishers * each;
        node.listen(PUBSUB);
        List<LettuceNode> nodes = IntStream.range(0, publishers)
                .mapToObj(i -> new LettuceNode(redis))
                .toList();
        try {
            List<StreamPosition> positions = done(Flux.fromIterable(nodes)
                    .flatMap(one -> Flux.range(0, each)
                            .flatMap(n -> one.streams().publish(CHANNEL, bytes("1"), LIMITS, null), 32))
                    .collectList());

            assertThat(positions)
                    .extracting(StreamPosition::offset)
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(1, all).boxed().toList());
            String epoch = positions.get(0).epoch();
            await().atMost(PATIENCE).until(() -> node.heard().size() == all);
            assertThat(node.heard())
                    .isEqualTo(LongStream.rangeClosed(1, all)
                            .mapToObj(offset -> PUBSUB + " 1p" + epoch + ":" + offset + ":1")
                            .toList());
            assertThat(read(null, ALL).publications()).hasSize(LIMITS.size());
        } finally {
            nodes.forEach(LettuceNode::close);
        }
    }

    @Test
    void readsAfterAPositionUpToALimit() {
        StreamPosition third = publishSome(10).get(2);

        assertThat(texts(read(third, ALL))).containsExactly("4", "5", "6", "7", "8", "9", "10");
        assertThat(texts(read(third, 2))).containsExactly("4", "5");
        assertThat(read(third, 0).publications()).isEmpty();
        assertThat(read(third, 0).top().offset()).isEqualTo(10);
        assertThat(texts(read(new StreamPosition(third.epoch(), 10), ALL))).isEmpty();
        assertThat(texts(read(new StreamPosition(third.epoch(), 99), ALL))).isEmpty();
    }

    @Test
    void readsTheWholeAfterAPositionOfAnotherEpoch() {
        publishSome(3);

        assertThat(texts(read(new StreamPosition("another", 2), ALL))).containsExactly("1", "2", "3");
    }

    @Test
    void aChannelThatNobodyHasUsedGetsAnEpochByBeingRead() {
        HistoryPage empty = read(null, ALL);

        assertThat(empty.top().offset()).isZero();
        assertThat(empty.publications()).isEmpty();
        assertThat(read(null, ALL)).isEqualTo(empty);
        assertThat(keep("1", LIMITS, null))
                .isEqualTo(new StreamPosition(empty.top().epoch(), 1));
    }

    @Test
    void neverReadsMoreThanTheNewestThatAreToBeKept() {
        HistoryLimits small = new HistoryLimits(3, Duration.ofMinutes(1));
        for (int i = 1; i <= 10; i++) {
            keep(Integer.toString(i), small, null);
        }

        HistoryPage page = Objects.requireNonNull(
                streams.read(CHANNEL, small, null, ALL, Long.MAX_VALUE).block(PATIENCE));

        assertThat(texts(page)).containsExactly("8", "9", "10");
    }

    @Test
    void theStreamIsTrimmed() {
        HistoryLimits small = new HistoryLimits(10, Duration.ofMinutes(1));
        Flux.range(0, 1_000)
                .flatMap(i -> streams.publish(CHANNEL, bytes("1"), small, null))
                .blockLast(PATIENCE);

        assertThat(Long.parseLong(redis.cli("XLEN", STREAM))).isBetween(10L, 210L);
    }

    @Test
    void theHistoryExpiresAfterItsNewestMessageAndThePositionDoesNot() {
        HistoryLimits brief = new HistoryLimits(10, Duration.ofSeconds(10));
        StreamPosition second = new StreamPosition("", 0);
        for (int i = 1; i <= 2; i++) {
            second = keep(Integer.toString(i), brief, null);
            assertThat(millis(STREAM)).isBetween(1L, 10_000L);
            redis.cli("PEXPIRE", STREAM, "300");
        }
        await().atMost(PATIENCE).until(() -> redis.cli("EXISTS", STREAM).equals("0"));

        assertThat(read(null, ALL)).isEqualTo(new HistoryPage(second, List.of()));
        assertThat(keep("3", brief, null)).isEqualTo(new StreamPosition(second.epoch(), 3));
        assertThat(texts(read(second, ALL))).containsExactly("3");
    }

    @Test
    void eachMessageMakesTheHistoryLastItsWholeTimeAgain() {
        for (int i = 1; i <= 20; i++) {
            keep(Integer.toString(i), LIMITS, null);
            assertThat(millis(STREAM)).isGreaterThan(LIMITS.timeToLive().toMillis() - 10_000);
            redis.cli("PEXPIRE", STREAM, "100000");
        }
    }

    @Test
    void publishingAndReadingKeepThePosition() {
        keep("1", LIMITS, null);
        assertThat(millis(META)).isGreaterThan(Duration.ofDays(6).toMillis());

        redis.cli("PEXPIRE", META, "100000");
        read(null, 0);

        assertThat(millis(META)).isGreaterThan(Duration.ofDays(6).toMillis());
    }

    @Test
    void thePositionOutlivesAHistoryThatIsKeptLonger() {
        HistoryLimits month = new HistoryLimits(10, Duration.ofDays(30));

        keep("1", month, null);

        assertThat(millis(META)).isGreaterThan(Duration.ofDays(29).toMillis());
    }

    @Test
    void aSecondMessageWithTheSameKeyIsAnsweredAsTheFirstAndNotPublished() {
        node.listen(PUBSUB);
        StreamPosition first = keep("1", LIMITS, "order 1 é");

        assertThat(keep("2", LIMITS, "order 1 é")).isEqualTo(first);
        assertThat(keep("3", LIMITS, "order 1 e")).isEqualTo(new StreamPosition(first.epoch(), 2));

        await().atMost(PATIENCE).until(() -> node.heard().size() >= 2);
        assertThat(texts(read(null, ALL))).containsExactly("1", "3");
        assertThat(millis(LettuceNode.KEYS.idempotency(CHANNEL, "order 1 é")))
                .isBetween(
                        PROPERTIES.idempotencyTtl().toMillis() - 20_000,
                        PROPERTIES.idempotencyTtl().toMillis());
    }

    @Test
    void aKeyHoldsWithoutHistoryToo() {
        node.listen(PUBSUB);

        assertThat(send("1", "k")).isNull();
        assertThat(send("2", "k")).isNull();
        send("3", null);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(node.heard()).containsExactly(PUBSUB + " 1m1", PUBSUB + " 1m3"));
    }

    @Test
    void ofManyAtOnceWithTheSameKeyOneIsPublished() {
        List<StreamPosition> positions = done(Flux.range(0, 200)
                .flatMap(i -> streams.publish(CHANNEL, bytes("1"), LIMITS, "k"), 200)
                .collectList());

        assertThat(positions).hasSize(200).containsOnly(positions.get(0));
        assertThat(read(null, ALL).top().offset()).isEqualTo(1);
    }

    @Test
    void theSameKeyInAnotherChannelIsAnotherKey() {
        keep("1", LIMITS, "k");

        StreamPosition other = done(streams.publish(new ChannelName("chat:2"), bytes("2"), LIMITS, "k"));

        assertThat(other.offset()).isEqualTo(1);
        assertThat(texts(done(streams.read(new ChannelName("chat:2"), LIMITS, null, ALL, Long.MAX_VALUE))))
                .containsExactly("2");
    }

    @Test
    void scriptsThatRedisHasForgottenAreSentAgain() {
        StreamPosition first = keep("1", LIMITS, null);
        redis.cli("SCRIPT", "FLUSH");

        assertThat(keep("2", LIMITS, "k").offset()).isEqualTo(2);
        redis.cli("SCRIPT", "FLUSH");
        assertThat(texts(read(first, ALL))).containsExactly("2");
        redis.cli("SCRIPT", "FLUSH");
        assertThat(restart(first).offset()).isZero();
        redis.cli("SCRIPT", "FLUSH");
        assertThat(send("3", "k3")).isNull();
    }

    @Test
    void aFlushedDatabaseBeginsANewEpoch() {
        StreamPosition old = publishSome(5).get(4);
        redis.cli("FLUSHALL");

        StreamPosition first = keep("\"new\"", LIMITS, null);

        assertThat(first.offset()).isEqualTo(1);
        assertThat(first.epoch()).isNotEqualTo(old.epoch());
        assertThat(texts(read(old, ALL))).containsExactly("\"new\"");
    }

    @Test
    void whatIsLeftOfAnOlderEpochIsDroppedWithTheFirstMessage() {
        publishSome(5);
        redis.cli("DEL", META);

        StreamPosition first = keep("\"new\"", LIMITS, null);

        assertThat(first.offset()).isEqualTo(1);
        assertThat(texts(read(null, ALL))).containsExactly("\"new\"");
    }

    @Test
    void whatIsLeftOfAnOlderEpochIsDroppedByReading() {
        publishSome(5);
        redis.cli("DEL", META);

        assertThat(read(null, ALL).publications()).isEmpty();
        assertThat(keep("\"new\"", LIMITS, null).offset()).isEqualTo(1);
        assertThat(texts(read(null, ALL))).containsExactly("\"new\"");
    }

    @Test
    void ofTwoThatRestartAnEpochOneDoes() {
        StreamPosition seen = publishSome(5).get(4);

        StreamPosition first = restart(seen);
        keep("\"new\"", LIMITS, null);
        StreamPosition second = restart(seen);

        assertThat(first.offset()).isZero();
        assertThat(first.epoch()).isNotEqualTo(seen.epoch());
        assertThat(second).isEqualTo(new StreamPosition(first.epoch(), 1));
        assertThat(texts(read(null, ALL))).containsExactly("\"new\"");
    }

    @Test
    void whoComesAndGoesIsHeard() throws Exception {
        PresenceChange change = change(CHANNEL);
        node.listen(PUBSUB);

        streams.announce(change).block(PATIENCE);

        await().atMost(PATIENCE).until(() -> !node.heard().isEmpty());
        byte[] envelope = bytes(node.heard().get(0).substring(PUBSUB.length() + 1));
        assertThat(PublicationCodec.decode(CHANNEL, envelope)).isEqualTo(change);
    }

    @Test
    void nothingIsPublishedUntilTheResultIsAskedFor() {
        Mono<?> kept = streams.publish(CHANNEL, bytes("1"), LIMITS, null);
        Mono<?> once = streams.publish(CHANNEL, bytes("1"), null, "k");

        assertThat(redis.cli("DBSIZE")).isEqualTo("0");
        assertThat(List.of(kept, once)).hasSize(2);
    }

    @Test
    void somebodyElsesDataInOurKeysIsAFaultAndNoRefusal() {
        redis.cli("SET", META, "foreign");

        assertThatThrownBy(() -> keep("1", LIMITS, null)).hasMessageContaining("WRONGTYPE");
    }

    static PresenceChange change(ChannelName channel) {
        return new PresenceChange(channel, true, new Member("zoë", "c-1", 1_764_000_000_000L));
    }

    private StreamPosition keep(String data, HistoryLimits limits, @Nullable String key) {
        return done(streams.publish(CHANNEL, bytes(data), limits, key));
    }

    private @Nullable StreamPosition send(String data, @Nullable String key) {
        return streams.publish(CHANNEL, bytes(data), null, key).block(PATIENCE);
    }

    private static <T> T done(Mono<T> result) {
        return Objects.requireNonNull(result.block(PATIENCE));
    }

    private List<StreamPosition> publishSome(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> keep(Integer.toString(i), LIMITS, null))
                .toList();
    }

    private HistoryPage read(@Nullable StreamPosition since, int limit) {
        return done(streams.read(CHANNEL, LIMITS, since, limit, Long.MAX_VALUE));
    }

    private StreamPosition restart(StreamPosition seen) {
        return done(streams.restart(CHANNEL, LIMITS, seen));
    }

    private static long millis(String key) {
        return Long.parseLong(redis.cli("PTTL", key));
    }

    private static List<String> texts(HistoryPage page) {
        return page.publications().stream().map(BrokerContract::text).toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
