package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.broker.BrokerContract;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.RedisCluster;
import dev.starling.redis.RedisServer;
import dev.starling.redis.link.RedisClients;
import dev.starling.setting.HistoryLimits;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.pubsub.StatefulRedisClusterPubSubConnection;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Publishing and the history in a Cluster: all that belongs to a channel is in one place, wherever that is. */
final class RedisStreamsClusterIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final HistoryLimits LIMITS = new HistoryLimits(1_000, Duration.ofMinutes(5));
    private static final int CHANNELS = 200;

    private static RedisCluster redis;
    private static RedisClusterClient client;
    private static StatefulRedisClusterConnection<String, byte[]> connection;

    @BeforeAll
    static void startRedis() {
        redis = RedisCluster.start();
        client = RedisClusterClient.create(
                RedisURI.create(RedisServer.HOST, redis.servers().get(0).port()));
        connection = client.connect(RedisClients.CODEC);
    }

    @AfterAll
    static void stopRedis() {
        client.shutdown(Duration.ZERO, PATIENCE);
        redis.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void channelsOfAllSlotsAreKeptReadAndRestarted(boolean sharded) {
        RedisStreams streams = streams(sharded);
        List<ChannelName> channels = channels("kept-" + sharded);

        for (ChannelName channel : channels) {
            StreamPosition first = done(streams.publish(channel, bytes("1"), LIMITS, "k"));
            assertThat(done(streams.publish(channel, bytes("2"), LIMITS, "k"))).isEqualTo(first);
            StreamPosition second = done(streams.publish(channel, bytes("3"), LIMITS, null));
            assertThat(done(streams.read(channel, LIMITS, first, 10, Long.MAX_VALUE))
                            .publications())
                    .extracting(BrokerContract::text)
                    .containsExactly("3");
            assertThat(done(streams.restart(channel, LIMITS, second)).offset()).isZero();
            streams.publish(channel, bytes("4"), null, "other").block(PATIENCE);
            streams.publish(channel, bytes("5"), null, null).block(PATIENCE);
            streams.announce(RedisStreamsIT.change(channel)).block(PATIENCE);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsPublishedIsHeard(boolean sharded) {
        RedisStreams streams = streams(sharded);
        List<ChannelName> channels = channels("heard-" + sharded);
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        try (StatefulRedisClusterPubSubConnection<String, byte[]> pubsub = client.connectPubSub(RedisClients.CODEC)) {
            pubsub.addListener(listener(heard));
            for (ChannelName channel : channels) {
                String name = LettuceNode.KEYS.pubsub(channel);
                (sharded ? pubsub.async().ssubscribe(name) : pubsub.async().subscribe(name))
                        .toCompletableFuture()
                        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        .join();
            }
            for (ChannelName channel : channels) {
                streams.publish(channel, bytes("1"), LIMITS, null).block(PATIENCE);
                streams.publish(channel, bytes("2"), null, null).block(PATIENCE);
                streams.publish(channel, bytes("3"), null, "k").block(PATIENCE);
            }

            await().atMost(PATIENCE).until(() -> heard.size() == 3 * CHANNELS);
            assertThat(heard)
                    .containsExactlyInAnyOrderElementsOf(channels.stream()
                            .map(LettuceNode.KEYS::pubsub)
                            .flatMap(name -> IntStream.rangeClosed(1, 3).mapToObj(i -> name + " " + i))
                            .toList());
        }
    }

    private static RedisPubSubAdapter<String, byte[]> listener(Queue<String> heard) {
        return new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, byte[] message) {
                heard.add(channel + " " + (char) message[message.length - 1]);
            }

            @Override
            public void smessage(String channel, byte[] message) {
                message(channel, message);
            }
        };
    }

    @Test
    void offsetsHaveNoHoleWhileTheSlotMoves() {
        RedisStreams streams = streams(true);
        ChannelName channel = new ChannelName("moving");
        int slot = SlotHash.getSlot(channel.value());
        int each = 300;

        List<StreamPosition> positions = done(Flux.range(0, 3 * each)
                .concatMap(i -> Mono.fromRunnable(() -> moveAfter(i, each, slot))
                        .then(streams.publish(channel, bytes(Integer.toString(i)), LIMITS, null)))
                .collectList());

        assertThat(positions)
                .extracting(StreamPosition::offset)
                .isEqualTo(LongStream.rangeClosed(1, 3L * each).boxed().toList());
        assertThat(positions).allMatch(positions.get(0)::isSameLife);
        assertThat(positions.stream().map(StreamPosition::epoch).distinct())
                .as("one for each time that another master wrote")
                .hasSize(3);
        assertThat(positions)
                .allSatisfy(position -> assertThat(done(streams.read(channel, LIMITS, position, 0, 0))
                                .holds(position))
                        .isTrue());
    }

    private static void moveAfter(int published, int each, int slot) {
        if (published == each || published == 2 * each) {
            redis.migrate(slot, redis.otherThanOwnerOf(slot));
        }
    }

    private static RedisStreams streams(boolean sharded) {
        return new RedisStreams(
                connection.async(),
                LettuceNode.KEYS,
                RedisStreamsIT.PROPERTIES,
                new LaneMetrics(new SimpleMeterRegistry()),
                () -> sharded,
                LettuceNode.NOBODY_EXPECTED);
    }

    private static List<ChannelName> channels(String name) {
        return IntStream.range(0, CHANNELS)
                .mapToObj(i -> new ChannelName(name + ":" + i))
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T done(Mono<T> result) {
        return Objects.requireNonNull(result.block(PATIENCE));
    }
}
