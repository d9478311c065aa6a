package dev.starling.broker;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The presence of several nodes in one Redis, and what can befall them. */
final class PresenceCluster implements AutoCloseable {

    private static final RedisKeys KEYS = new RedisKeys("ws:");

    private final RedisClient client;
    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final Duration ttl;
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final List<RedisPresence> nodes = new ArrayList<>();

    PresenceCluster(int port, Duration ttl) {
        this.ttl = ttl;
        client = RedisClient.create(RedisURI.create("127.0.0.1", port));
        client.setOptions(ClientOptions.builder()
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .timeoutOptions(TimeoutOptions.enabled(Duration.ofSeconds(2)))
                .build());
        commands = client.connect(RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE))
                .async();
    }

    /** One more node. */
    RedisPresence node() {
        RedisPresence node = new RedisPresence(members(), ttl, new PresenceMetrics(meters));
        nodes.add(node);
        return node;
    }

    /** What is below a node. */
    RedisMembers members() {
        return new RedisMembers(commands, KEYS, ttl);
    }

    MeterRegistry meters() {
        return meters;
    }

    @Override
    public void close() {
        nodes.forEach(RedisPresence::close);
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
}
