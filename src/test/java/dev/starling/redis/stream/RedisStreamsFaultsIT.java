package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.broker.HistoryPage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Publication;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.RedisServer;
import dev.starling.redis.link.RedisClients;
import dev.starling.setting.HistoryLimits;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.protocol.ProtocolVersion;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What is answered when Redis can't do it, and that it has no half of it then. */
final class RedisStreamsFaultsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ChannelName CHANNEL = new ChannelName("chat:1");
    private static final HistoryLimits LIMITS = new HistoryLimits(10_000, Duration.ofMinutes(5));
    private static final byte[] DATA = "1".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
    private static final int ALL = 100_000;

    @Test
    void aRedisThatIsFullRefusesAndHasNoHoleAfterwards() {
        try (RedisServer redis = RedisServer.start("maxmemory 3mb", "maxmemory-policy noeviction");
                LettuceNode node = new LettuceNode(redis)) {
            RedisStreams streams = node.streams();
            StreamPosition last = fill(streams);

            expectRefusal(streams.publish(CHANNEL, DATA, LIMITS, "k"), "Redis is out of memory");
            expectRefusal(streams.publish(CHANNEL, DATA, null, "k"), "Redis is out of memory");
            redis.cli("CONFIG", "SET", "maxmemory", "0");

            assertThat(done(streams.publish(CHANNEL, DATA, LIMITS, "k")))
                    .isEqualTo(new StreamPosition(last.epoch(), last.offset() + 1));
            assertNoHole(done(streams.read(CHANNEL, LIMITS, null, ALL, Long.MAX_VALUE)));
        }
    }

    /** Returns the last position that there was room for. */
    private static StreamPosition fill(RedisStreams streams) {
        StreamPosition last = new StreamPosition("", 0);
        for (int i = 0; i < 10_000; i++) {
            StreamPosition next = streams.publish(CHANNEL, DATA, LIMITS, null)
                    .onErrorResume(RefusedException.class, full -> Mono.empty())
                    .block(PATIENCE);
            if (next == null) {
                return last;
            }
            last = next;
        }
        throw new AssertionError("it never was full");
    }

    @Test
    void aReplicaRefusesWhatWrites() {
        try (RedisServer master = RedisServer.start();
                RedisServer replica = RedisServer.start("replicaof " + RedisServer.HOST + " " + master.port())) {
            await().atMost(PATIENCE)
                    .until(() -> replica.info("master_link_status").equals("up"));
            try (LettuceNode node = new LettuceNode(replica)) {
                everythingThatWrites(node.streams()).forEach(asked -> expectRefusal(asked, "Redis is read-only"));
            }
        }
    }

    @Test
    void aMasterWithoutItsReplicasRefusesWhatWritesAndHasNoHoleAfterwards() {
        try (RedisServer redis = RedisServer.start();
                LettuceNode node = new LettuceNode(redis)) {
            StreamPosition first = done(node.streams().publish(CHANNEL, DATA, LIMITS, null));
            redis.cli("CONFIG", "SET", "min-replicas-to-write", "1");

            expectRefusal(node.streams().publish(CHANNEL, DATA, LIMITS, null), "Redis can't save what it is given");

            redis.cli("CONFIG", "SET", "min-replicas-to-write", "0");
            assertThat(done(node.streams().publish(CHANNEL, DATA, LIMITS, null)))
                    .isEqualTo(new StreamPosition(first.epoch(), 2));
        }
    }

    @Test
    void aRedisThatWantsAPasswordRefusesEverything() {
        try (RedisServer redis = RedisServer.start("requirepass secret")) {
            RedisClient client = RedisClient.create(RedisURI.create(RedisServer.HOST, redis.port()));
            try {
                client.setOptions(ClientOptions.builder()
                        .protocolVersion(ProtocolVersion.RESP2) // the newer one does not even connect
                        .pingBeforeActivateConnection(false)
                        .build());
                everything(new RedisStreams(
                                client.connect(RedisClients.CODEC).async(),
                                LettuceNode.KEYS,
                                RedisStreamsIT.PROPERTIES,
                                new LaneMetrics(new SimpleMeterRegistry()),
                                () -> false,
                                LettuceNode.NOBODY_EXPECTED))
                        .forEach(asked -> expectRefusal(asked, "Redis refuses this node"));
            } finally {
                client.shutdown(Duration.ZERO, PATIENCE);
            }
        }
    }

    @Test
    void aUserThatMayNotRunScriptsIsRefused() {
        try (RedisServer redis = RedisServer.start();
                LettuceNode node = new LettuceNode(redis)) {
            redis.cli("ACL", "SETUSER", "default", "-@scripting");

            everythingThatWrites(node.streams()).forEach(asked -> expectRefusal(asked, "Redis refuses this node"));
        }
    }

    @Test
    void aRedisThatIsGoneIsSaidToBeAtOnce() {
        try (RedisServer redis = RedisServer.start();
                LettuceNode node = new LettuceNode(redis)) {
            redis.kill();
            await().atMost(PATIENCE).until(() -> !node.connection().isOpen());

            everything(node.streams()).forEach(asked -> expectRefusal(asked, "there is no connection to Redis"));
        }
    }

    @Test
    void aRedisThatHangsIsGivenUpAndTooManyRequestsAreRefusedAtOnce() {
        int queue = 10;
        try (RedisServer redis = RedisServer.start();
                LettuceNode node = new LettuceNode(redis, Duration.ofSeconds(2), queue)) {
            redis.freeze();

            List<String> messages = done(Flux.range(0, 2 * queue)
                    .flatMap(
                            i -> node.streams()
                                    .publish(CHANNEL, DATA, null, null)
                                    .<String>then(Mono.empty())
                                    .onErrorResume(RefusedException.class, refused -> Mono.just(refused.message())),
                            2 * queue)
                    .collectList());

            assertThat(messages)
                    .containsOnly("Redis gave no answer in time", "too many requests wait for Redis")
                    .hasSize(2 * queue);
            assertThat(messages.stream().filter(message -> message.startsWith("too many")))
                    .hasSize(queue);
            redis.thaw();
        }
    }

    @Test
    void aRestartWithItsDataGoesOnWithTheCountInTheNextGeneration() {
        try (RedisServer redis = RedisServer.startDurable()) {
            StreamPosition first = publishOnce(redis);

            redis.restart();

            StreamPosition second = publishOnce(redis);
            assertThat(second.offset()).isEqualTo(2);
            assertThat(second.isSameLife(first)).isTrue();
            assertThat(second.epoch()).isNotEqualTo(first.epoch());
            redis.restartEmpty();
            assertThat(publishOnce(redis)).satisfies(position -> {
                assertThat(position.offset()).isEqualTo(1);
                assertThat(position.isSameLife(first)).isFalse();
            });
        }
    }

    private static StreamPosition publishOnce(RedisServer redis) {
        try (LettuceNode node = new LettuceNode(redis)) {
            return done(node.streams().publish(CHANNEL, DATA, LIMITS, null));
        }
    }

    private static Stream<Mono<?>> everythingThatWrites(RedisStreams streams) {
        return Stream.of(
                streams.publish(CHANNEL, DATA, LIMITS, null),
                streams.publish(CHANNEL, DATA, LIMITS, "k"),
                streams.publish(CHANNEL, DATA, null, "k"),
                streams.read(CHANNEL, LIMITS, null, 10, Long.MAX_VALUE),
                streams.restart(CHANNEL, LIMITS, new StreamPosition("e", 1)));
    }

    private static Stream<Mono<?>> everything(RedisStreams streams) {
        return Stream.concat(
                everythingThatWrites(streams),
                Stream.of(
                        streams.publish(CHANNEL, DATA, null, null), streams.announce(RedisStreamsIT.change(CHANNEL))));
    }

    private static void expectRefusal(Mono<?> asked, String message) {
        assertThat(asked.materialize().block(PATIENCE))
                .satisfies(signal -> assertThat(signal.getThrowable())
                        .isInstanceOfSatisfying(RefusedException.class, refused -> {
                            assertThat(refused.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
                            assertThat(refused.message()).isEqualTo(message);
                        }));
    }

    private static void assertNoHole(HistoryPage page) {
        assertThat(page.publications())
                .extracting(Publication::position)
                .isEqualTo(LongStream.rangeClosed(1, page.top().offset())
                        .mapToObj(offset -> new StreamPosition(page.top().epoch(), offset))
                        .toList());
    }

    private static <T> T done(Mono<T> result) {
        return Objects.requireNonNull(result.block(PATIENCE));
    }
}
