package dev.starling.redis.stream;

import dev.starling.redis.RedisServer;
import dev.starling.redis.link.RedisClients;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisProperties;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.RestoreArgs;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A bare connection to a Redis server, and another one that hears what is published there. */
public final class LettuceNode implements AutoCloseable {

    static final RedisKeys KEYS = new RedisKeys("ws:");

    /** Redis counts all receivers, and there need not be any. */
    static final RedisStreams.Audience NOBODY_EXPECTED = new RedisStreams.Audience() {
        @Override
        public boolean isCounted() {
            return true;
        }

        @Override
        public boolean isExpected(String pubsub) {
            return false;
        }
    };

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int QUEUE = 10_000;

    private final RedisClient client;
    private final StatefulRedisConnection<String, byte[]> connection;
    private final StatefulRedisPubSubConnection<String, byte[]> pubsub;
    private final List<String> heard = new CopyOnWriteArrayList<>();

    public LettuceNode(RedisServer server) {
        this(server, TIMEOUT, QUEUE);
    }

    /**
     * @param timeout of each command
     * @param queue commands that may wait for an answer
     */
    public LettuceNode(RedisServer server, Duration timeout, int queue) {
        client = RedisClient.create(RedisURI.builder()
                .withHost(RedisServer.HOST)
                .withPort(server.port())
                .withTimeout(TIMEOUT)
                .build());
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(queue)
                .timeoutOptions(TimeoutOptions.enabled(timeout))
                .build());
        connection = client.connect(RedisClients.CODEC);
        pubsub = client.connectPubSub(RedisClients.CODEC);
        pubsub.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, byte[] message) {
                heard.add(channel + " " + new String(message, StandardCharsets.UTF_8));
            }
        });
    }

    RedisStreams streams() {
        return streams(RedisStreamsIT.PROPERTIES);
    }

    RedisStreams streams(RedisProperties properties) {
        return new RedisStreams(
                connection.async(),
                KEYS,
                properties,
                new LaneMetrics(new SimpleMeterRegistry()),
                () -> false,
                LettuceNode.NOBODY_EXPECTED);
    }

    public StatefulRedisConnection<String, byte[]> connection() {
        return connection;
    }

    /** What is there now: when it is run, Redis has lost all that was written to these keys since. */
    Runnable lossSinceNow(String... keys) {
        RedisCommands<String, byte[]> commands = connection.sync();
        Map<String, byte[]> dumps = new HashMap<>();
        for (String key : keys) {
            dumps.put(key, commands.dump(key));
        }
        return () -> dumps.forEach((key, dump) -> commands.restore(
                key, dump, RestoreArgs.Builder.ttl(Duration.ofMinutes(5)).replace()));
    }

    void listen(String channel) {
        pubsub.sync().subscribe(channel);
    }

    /** Channel and message of each that came, as text. */
    List<String> heard() {
        return heard;
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, TIMEOUT);
    }
}
