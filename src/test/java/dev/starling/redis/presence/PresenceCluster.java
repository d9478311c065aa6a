package dev.starling.redis.presence;

import dev.starling.redis.RedisServer;
import dev.starling.redis.link.RedisKeys;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import reactor.core.publisher.Mono;

/**
 * The presence of several nodes in one Redis, over one connection. A node that is closed with members on it is as one that was
 * killed.
 */
final class PresenceCluster implements AutoCloseable {

    static final RedisKeys KEYS = new RedisKeys("ws:");

    private final ClientResources resources = ClientResources.builder()
            .reconnectDelay(Delay.constant(Duration.ofMillis(50)))
            .build();
    private final RedisClient client;
    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final Duration ttl;
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final PresenceMetrics metrics = new PresenceMetrics(meters);
    private final List<RedisPresence> nodes = new ArrayList<>();

    PresenceCluster(int port, Duration ttl) {
        this.ttl = ttl;
        client = RedisClient.create(resources, RedisURI.create("127.0.0.1", port));
        client.setOptions(ClientOptions.builder()
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .timeoutOptions(TimeoutOptions.enabled(Duration.ofSeconds(2)))
                .build());
        commands = client.connect(RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE))
                .async();
    }

    /** One more node. */
    RedisPresence node() {
        return node(ttl);
    }

    /** One whose members live so long without a word. */
    RedisPresence node(Duration timeToLive) {
        RedisPresence node =
                new RedisPresence(new RedisMembers(commands, KEYS, key -> "", timeToLive), timeToLive, metrics);
        nodes.add(node);
        return node;
    }

    /** What is below a node. */
    RedisMembers members() {
        return new RedisMembers(commands, KEYS, key -> "", ttl);
    }

    /** Does something for each of so many connections, and waits until all of it is done. */
    static void forEach(int connections, IntFunction<Mono<Void>> change) {
        CompletableFuture.allOf(IntStream.range(0, connections)
                        .mapToObj(i -> change.apply(i).toFuture())
                        .toArray(CompletableFuture<?>[]::new))
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    /** How often Redis ran a script since {@code CONFIG RESETSTAT}. */
    static int scripts(RedisServer redis) {
        Matcher calls = Pattern.compile("cmdstat_evalsha:calls=(\\d+)").matcher(redis.cli("INFO", "commandstats"));
        return calls.find() ? Integer.parseInt(calls.group(1)) : 0;
    }

    double value(String meter) {
        return meters.get(meter).gauge().value();
    }

    double count(String meter, String... tags) {
        return meters.get(meter).tags(tags).functionCounters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @Override
    public void close() {
        nodes.forEach(RedisPresence::close);
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2000);
    }
}
