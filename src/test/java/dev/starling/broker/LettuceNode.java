package dev.starling.broker;

import dev.starling.redis.RedisServer;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A bare connection to a Redis server, and another one that hears what is published there. */
final class LettuceNode implements AutoCloseable {

    static final RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE);
    static final RedisKeys KEYS = new RedisKeys("ws:");

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final RedisClient client;
    private final StatefulRedisConnection<String, byte[]> connection;
    private final StatefulRedisPubSubConnection<String, byte[]> pubsub;
    private final List<String> heard = new CopyOnWriteArrayList<>();

    LettuceNode(RedisServer server) {
        client = RedisClient.create(RedisURI.builder()
                .withHost(RedisServer.HOST)
                .withPort(server.port())
                .withTimeout(TIMEOUT)
                .build());
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(10_000)
                .timeoutOptions(TimeoutOptions.enabled(TIMEOUT))
                .build());
        connection = client.connect(CODEC);
        pubsub = client.connectPubSub(CODEC);
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
        return new RedisStreams(connection.async(), KEYS, properties, () -> false);
    }

    StatefulRedisConnection<String, byte[]> connection() {
        return connection;
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
