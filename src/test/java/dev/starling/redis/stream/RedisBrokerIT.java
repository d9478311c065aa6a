package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.starling.broker.BrokerContract;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.redis.RedisServer;
import dev.starling.redis.link.RedisKeys;
import dev.starling.setting.HistoryLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.health.contributor.AbstractReactiveHealthIndicator;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The broker in Redis, with what it does on a loss, against a real server. */
final class RedisBrokerIT {

    private static final ChannelName KEPT = new ChannelName("kept:1");
    private static final ChannelName SHORT = new ChannelName("short:1");
    private static final ChannelName PLAIN = new ChannelName("plain:1");
    private static final String[] RULES = {
        "starling.channels[0].pattern=kept:**",
        "starling.channels[0].history-size=10000",
        "starling.channels[1].pattern=short:**",
        "starling.channels[1].history-size=10",
        "starling.broker.redis.linger=100ms"
    };

    private static RedisServer redis;

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void empty() {
        redis.cli("FLUSHALL");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    @Test
    void subscribingTellsThePositionWhereThereIsHistory() {
        BrokerNode node = node();
        node.publish(KEPT, "1");

        assertThat(node.subscribe(PLAIN)).isNull();
        assertThat(node.subscribe(KEPT))
                .satisfies(position -> assertThat(position.offset()).isEqualTo(1));

        node.publish(PLAIN, "\"p\"");
        node.publish(KEPT, "2");
        eventually(() -> assertThat(node.arrivals(PLAIN)).containsExactly("\"p\""));
        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactly("2"));
    }

    @Test
    void whatIsPublishedOnOneNodeArrivesAtAll() {
        BrokerNode first = node();
        BrokerNode second = node();
        first.subscribe(KEPT);
        second.subscribe(KEPT);

        first.publish(KEPT, "1");
        second.publish(KEPT, "2");

        eventually(() -> assertThat(first.arrivals(KEPT)).containsExactly("1", "2"));
        eventually(() -> assertThat(second.arrivals(KEPT)).containsExactly("1", "2"));
    }

    @Test
    void aCutConnectionLosesNothingOfAChannelWithHistory() {
        BrokerNode node = node();
        node.subscribe(KEPT);
        LettuceNode publisher = publisher(redis);

        for (int round = 0; round < 10; round++) {
            redis.cli("CLIENT", "KILL", "TYPE", "pubsub");
            publish(publisher, KEPT, round * 20, 20);
        }

        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactlyElementsOf(numbers(0, 200)));
        eventually(() -> assertThat(node.count("ws.broker.repairs")).isPositive());
    }

    @Test
    void aRedisThatIsKilledAndComesBackWithItsDataLosesNothing() {
        RedisServer durable = keep(RedisServer.startDurable());
        BrokerNode node = node(durable);
        node.subscribe(KEPT);
        publish(publisher(durable), KEPT, 0, 5);
        eventually(() -> assertThat(node.arrivals(KEPT)).hasSize(5));

        durable.restart();
        publish(publisher(durable), KEPT, 5, 50);

        eventually(() -> assertThat(node.arrivals(KEPT))
                .containsExactlyElementsOf(concat(numbers(0, 5), List.of("goes on 5"), numbers(5, 50))));
    }

    @Test
    void aRedisThatComesBackEmptyIsTold() {
        RedisServer volatileRedis = keep(RedisServer.start());
        BrokerNode node = node(volatileRedis);
        node.subscribe(KEPT);
        publish(publisher(volatileRedis), KEPT, 0, 5);
        eventually(() -> assertThat(node.arrivals(KEPT)).hasSize(5));

        volatileRedis.restartEmpty();
        publish(publisher(volatileRedis), KEPT, 5, 5);

        eventually(() -> assertThat(node.arrivals(KEPT))
                .containsExactlyElementsOf(concat(numbers(0, 5), List.of("restart 0"), numbers(5, 5))));
        eventually(() -> assertThat(node.count("ws.broker.restarts")).isEqualTo(1));
    }

    @Test
    void anEmptiedDatabaseIsToldWithTheNextMessage() {
        BrokerNode node = node();
        node.subscribe(KEPT);
        node.publish(KEPT, "1");
        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactly("1"));

        redis.cli("FLUSHALL");
        node.publish(KEPT, "2");

        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactly("1", "restart 0", "2"));
    }

    @Test
    void whatTheHistoryHasNoMoreIsAHoleAndTheRestFollows() {
        BrokerNode node = node(redis, "starling.broker.queue-capacity=512", "starling.broker.redis.lanes=1");
        node.subscribe(SHORT);
        CountDownLatch release = new CountDownLatch(1);
        node.onArrival(arrival -> awaitQuietly(release));

        publishAtOnce(publisher(redis), SHORT, 1, 2_000);
        eventually(() -> assertThat(node.count("ws.broker.dropped")).isGreaterThan(1_000));
        release.countDown();

        eventually(() -> assertThat(node.arrivals(SHORT)).endsWith("1999", "2000"));
        List<String> arrivals = node.arrivals(SHORT);
        int hole = arrivals.indexOf("hole " + (arrivals.size() - 10) + "-1990");
        assertThat(hole).isEqualTo(arrivals.size() - 11);
        assertThat(arrivals.subList(0, hole)).containsExactlyElementsOf(numbers(1, hole));
        assertThat(arrivals.subList(hole + 1, hole + 11)).containsExactlyElementsOf(numbers(1_991, 10));
        eventually(() -> assertThat(node.count("ws.broker.missing")).isEqualTo(1_990.0 - hole));
    }

    /** More of them than one read takes. */
    @Test
    void amongForeignEntriesAllMessagesAreFound() {
        BrokerNode node = node(redis, "starling.broker.redis.repair-page=10");
        node.subscribe(KEPT);
        node.publish(KEPT, "1");
        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactly("1"));

        redis.cli(
                "EVAL",
                "for i = 2, 51 do redis.call('XADD', KEYS[1], i .. '-0', 'd', i % 20 == 0 and i or '{') end"
                        + " redis.call('HSET', KEYS[2], 's', 51)",
                "2",
                "ws:stream:{kept:1}",
                "ws:meta:{kept:1}");
        node.publish(KEPT, "52");

        eventually(() -> assertThat(node.arrivals(KEPT)).endsWith("52").contains("20", "40"));
        assertThat(node.count("ws.broker.missing")).isEqualTo(48);
    }

    @Test
    void aTailThatAFailoverLostIsTold() {
        BrokerNode node = node();
        node.subscribe(KEPT);
        publish(publisher(redis), KEPT, 1, 5);
        eventually(() -> assertThat(node.arrivals(KEPT)).hasSize(5));

        // What a replica has that did not get the last two, after its first own messages.
        redis.cli("XTRIM", "ws:stream:{kept:1}", "MAXLEN", "0");
        redis.cli("XADD", "ws:stream:{kept:1}", "6-0", "d", "\"other\"");
        redis.cli("HSET", "ws:meta:{kept:1}", "s", "3");
        redis.cli("CLIENT", "KILL", "TYPE", "pubsub");

        eventually(() -> assertThat(node.arrivals(KEPT)).hasSize(6).endsWith("restart 3"));
        node.publish(KEPT, "\"new\"");
        eventually(() -> assertThat(node.arrivals(KEPT)).hasSize(7).endsWith("\"new\""));
    }

    @Test
    void aTailThatAFailoverLostIsToldThoughNothingCameSinceTheSubscription() {
        LettuceNode publisher = publisher(redis);
        publish(publisher, KEPT, 1, 4);
        Runnable loss = publisher.lossSinceNow("ws:stream:{kept:1}", "ws:meta:{kept:1}");
        publish(publisher, KEPT, 5, 1);
        BrokerNode node = node();
        node.subscribe(KEPT);

        // What a replica has that did not get the last one, after two messages of its own.
        loss.run();
        redis.cli("XADD", "ws:stream:{kept:1}", "5-0", "d", "\"other\"");
        redis.cli("XADD", "ws:stream:{kept:1}", "6-0", "d", "\"another\"");
        redis.cli("HSET", "ws:meta:{kept:1}", "s", "6");
        redis.cli("CLIENT", "KILL", "TYPE", "pubsub");

        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactly("restart 0"));
    }

    @Test
    void aNewEpochThatRedisRefusesIsAskedForEverMoreSeldom() {
        RedisServer full = keep(RedisServer.start());
        BrokerNode node = node(full);
        node.subscribe(KEPT);
        publish(publisher(full), KEPT, 0, 5);
        eventually(() -> assertThat(node.arrivals(KEPT)).hasSize(5));

        full.cli("HSET", "ws:meta:{kept:1}", "s", "3");
        full.cli("CONFIG", "SET", "maxmemory", "1");
        full.cli("CLIENT", "KILL", "TYPE", "pubsub");
        await().pollDelay(Duration.ofSeconds(4)).until(() -> true);

        assertThat(node.count("ws.broker.repairs")).isLessThanOrEqualTo(15);
        eventually(() -> assertThat(node.count("ws.broker.repairs")).isGreaterThanOrEqualTo(2));
        full.cli("CONFIG", "SET", "maxmemory", "0");
        eventually(() -> assertThat(node.arrivals(KEPT)).hasSize(6).endsWith("restart 3"));
    }

    @Test
    void aFullLaneMakesUpForWhatItDroppedThoughNothingFollows() throws Exception {
        BrokerNode node = node(redis, "starling.broker.queue-capacity=512", "starling.broker.redis.lanes=1");
        node.subscribe(KEPT);
        node.subscribe(PLAIN);
        CountDownLatch release = new CountDownLatch(1);
        node.onArrival(arrival -> awaitQuietly(release));
        LettuceNode publisher = publisher(redis);

        publishAtOnce(publisher, KEPT, 0, 3_000);
        eventually(() -> assertThat(node.count("ws.broker.dropped")).isGreaterThan(2_000));
        release.countDown();

        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactlyElementsOf(numbers(0, 3_000)));
        node.publish(PLAIN, "\"still there\"");
        eventually(() -> assertThat(node.arrivals(PLAIN)).containsExactly("\"still there\""));
    }

    @Test
    void aThousandChannelsAreMadeUpForAfterOneOutage() {
        BrokerNode node = node();
        List<ChannelName> channels = IntStream.range(0, 1_000)
                .mapToObj(i -> new ChannelName("kept:many:" + i))
                .toList();
        Flux.fromIterable(channels).flatMap(node.broker()::subscribe).blockLast(BrokerNode.PATIENCE);
        LettuceNode publisher = publisher(redis);

        redis.cli("CLIENT", "KILL", "TYPE", "pubsub");
        for (int i = 0; i < 3; i++) {
            String data = String.valueOf(i);
            Flux.fromIterable(channels)
                    .flatMap(channel -> publisher.streams().publish(channel, bytes(data), limits(), null))
                    .blockLast(BrokerNode.PATIENCE);
        }

        eventually(() -> assertThat(channels)
                .allSatisfy(channel -> assertThat(node.arrivals(channel)).containsExactly("0", "1", "2")));
    }

    @Test
    void nothingIsLeftInRedisOnceNobodyListens() {
        BrokerNode node = node();
        node.subscribe(KEPT);
        node.subscribe(PLAIN);
        assertThat(heardInRedis()).containsExactlyInAnyOrder("ws:{kept:1}", "ws:{plain:1}");

        node.unsubscribe(KEPT);
        node.unsubscribe(PLAIN);

        eventually(() -> assertThat(heardInRedis()).isEmpty());
    }

    @Test
    void aChannelThatIsWantedBackWhileItLingersIsHeard() {
        BrokerNode node = node(redis, "starling.broker.redis.linger=1s");
        node.subscribe(KEPT);
        node.unsubscribe(KEPT);
        node.publish(KEPT, "\"missed\"");

        assertThat(node.subscribe(KEPT))
                .satisfies(position -> assertThat(position.offset()).isEqualTo(1));

        node.publish(KEPT, "2");
        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactly("2"));
    }

    @Test
    void subscribingAndUnsubscribingInQuickSuccessionKeepTheirOrder() {
        BrokerNode node = node();
        for (int round = 0; round < 200; round++) {
            Disposable subscription =
                    node.broker().subscribe(KEPT).onErrorComplete().subscribe();
            if (round % 3 == 0) {
                subscription.dispose();
            }
            node.broker().unsubscribe(KEPT).subscribe();
        }
        node.subscribe(KEPT);
        node.publish(KEPT, "1");
        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactly("1"));

        node.unsubscribe(KEPT);
        eventually(() -> assertThat(heardInRedis()).isEmpty());
    }

    @Test
    void aHungRedisEndsSubscribingInTimeAndNothingIsLeft() {
        RedisServer hung = keep(RedisServer.start());
        BrokerNode node = node(hung, "starling.broker.redis.command-timeout=200ms");
        hung.freeze();

        Disposable cancelled = node.broker().subscribe(PLAIN).onErrorComplete().subscribe();
        cancelled.dispose();
        assertRefused(() -> node.subscribe(KEPT));
        hung.thaw();
        node.awaitWell();

        eventually(() -> assertThat(heardIn(hung)).isEmpty());
    }

    @Test
    void withoutAConnectionSubscribingAndPublishingFailAtOnce() {
        RedisServer gone = keep(RedisServer.start());
        BrokerNode node = node(gone, "starling.broker.redis.command-timeout=20s");
        Duration before = Duration.ofSeconds(10); // any timeout of the node's own
        node.subscribe(PLAIN);
        gone.kill();
        eventually(() -> assertRefused(() -> node.subscribe(KEPT)));

        assertRefused(() -> node.broker().subscribe(KEPT).block(before));
        assertRefused(() -> node.broker().publish(KEPT, bytes("1"), null).block(before));

        gone.restart();
        node.awaitWell();
        node.publish(PLAIN, "\"back\"");
        eventually(() -> assertThat(node.arrivals(PLAIN)).endsWith("\"back\""));
    }

    @Test
    void whatIsNoneOfOursIsCountedAndDoesNoHarm() {
        BrokerNode node = node();
        node.subscribe(KEPT);

        redis.cli("PUBLISH", "ws:{kept:1}", "hello");
        redis.cli("PUBLISH", "ws:{kept:1}", "");
        redis.cli("PUBLISH", "ws:{kept:1}", "2mof a newer version");
        node.publish(KEPT, "1");

        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactly("1"));
        LaneMetrics metrics = node.part(LaneMetrics.class);
        assertThat(metrics.foreignEnvelopes()).isEqualTo(2);
        assertThat(metrics.newerEnvelopes()).isEqualTo(1);
        assertThat(node.part(AbstractReactiveHealthIndicator.class)
                        .health()
                        .blockOptional(BrokerNode.PATIENCE)
                        .orElseThrow()
                        .getDetails())
                .containsEntry("foreignEnvelopes", 2L)
                .containsEntry("newerEnvelopes", 1L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1m1,\"channel\":\"admin:x\"",
                "1m1}\\n",
                "1m{\"a\":1}{}",
                "1mnot json",
                "1m\"open",
                "1m\\0",
                "1m\"\\255\"",
                "1m\"\\192\\128\"",
                "1m\"\\237\\160\\128\"",
                "1m\"\\\\ud800\"",
                "1m\\239\\187\\1911",
                "1pe:1:1,\"x\":2",
                "1pe:1:\"\\255\"",
                "1j1:1:c\\255",
                "1l1:2:\\192\\128u",
            })
    void whatIsNoJsonValueReachesNobody(String envelope) {
        BrokerNode node = node();
        node.subscribe(PLAIN);
        node.subscribe(KEPT);

        for (String channel : List.of("ws:{plain:1}", "ws:{kept:1}")) {
            redis.cli("EVAL", "return redis.call('PUBLISH', KEYS[1], '" + envelope + "')", "1", channel);
        }
        node.publish(PLAIN, "1");
        node.publish(KEPT, "1");

        eventually(() -> assertThat(node.arrivals(PLAIN)).containsExactly("1"));
        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactly("1"));
        assertThat(node.part(LaneMetrics.class).foreignEnvelopes()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1,\"channel\":\"admin:x\"", "", "\"\\255\""})
    void entryOfAHistoryThatIsNoJsonValueIsAHole(String data) {
        BrokerNode node = node();
        node.subscribe(KEPT);
        node.publish(KEPT, "1");

        redis.cli(
                "EVAL",
                "redis.call('XADD', KEYS[1], '2-0', 'd', '" + data + "') redis.call('HSET', KEYS[2], 's', 2)",
                "2",
                node.part(RedisKeys.class).stream(KEPT),
                node.part(RedisKeys.class).meta(KEPT));
        node.publish(KEPT, "3");

        eventually(() -> assertThat(node.arrivals(KEPT)).containsExactly("1", "hole 2-2", "3"));
        assertThat(BrokerContract.texts(node.broker()
                        .history(KEPT, null, 100, Long.MAX_VALUE)
                        .blockOptional(BrokerNode.PATIENCE)
                        .orElseThrow()))
                .containsExactly("1", "3");
        assertThat(node.part(LaneMetrics.class).foreignEnvelopes()).isGreaterThanOrEqualTo(2);
    }

    private BrokerNode node() {
        return node(redis);
    }

    private BrokerNode node(RedisServer server, String... more) {
        return keep(BrokerNode.start(
                server.properties(),
                Stream.concat(Stream.of(RULES), Stream.of(more)).toArray(String[]::new)));
    }

    private LettuceNode publisher(RedisServer server) {
        return keep(new LettuceNode(server));
    }

    private <T extends AutoCloseable> T keep(T one) {
        open.add(0, one);
        return one;
    }

    private static void publish(LettuceNode publisher, ChannelName channel, int first, int count) {
        for (String data : numbers(first, count)) {
            publisher.streams().publish(channel, bytes(data), limits(), null).block(BrokerNode.PATIENCE);
        }
    }

    private static void publishAtOnce(LettuceNode publisher, ChannelName channel, int first, int count) {
        RedisStreams streams = publisher.streams();
        streams.publish(new ChannelName("warm:1"), bytes("0"), limits(), null)
                .block(BrokerNode.PATIENCE); // has Redis learn the script
        HistoryLimits limits = channel.equals(SHORT) ? new HistoryLimits(10, Duration.ofMinutes(5)) : limits();
        Mono.when(numbers(first, count).stream() // all by this thread, hence in this order
                        .map(data -> streams.publish(channel, bytes(data), limits, null))
                        .toList())
                .block(BrokerNode.PATIENCE);
    }

    private static HistoryLimits limits() {
        return new HistoryLimits(10_000, Duration.ofMinutes(5));
    }

    private static byte[] bytes(String text) {
        return BrokerContract.bytes(text);
    }

    private static List<String> numbers(int first, int count) {
        return IntStream.range(first, first + count).mapToObj(String::valueOf).toList();
    }

    private static List<String> concat(List<String> first, List<String> second, List<String> third) {
        return Stream.of(first, second, third).flatMap(List::stream).toList();
    }

    private static List<String> heardInRedis() {
        return heardIn(redis);
    }

    private static List<String> heardIn(RedisServer server) {
        return server.list("PUBSUB", "CHANNELS", "ws:{*").stream()
                .map(String::valueOf)
                .filter(channel -> channel.startsWith("ws:{kept") || channel.startsWith("ws:{plain"))
                .toList();
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(BrokerNode.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void eventually(ThrowingRunnable fact) {
        await().atMost(BrokerNode.PATIENCE).pollInterval(BrokerNode.POLL).untilAsserted(fact);
    }
}
