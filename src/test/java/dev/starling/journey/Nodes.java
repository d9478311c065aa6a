package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Nodes that are joined by one Redis, without limits of rate, and with channels that keep their history. */
final class Nodes implements AutoCloseable {

    /** Channels {@code kept:*} keep more than any journey publishes, {@code short:*} ten messages, {@code room:*} members. */
    private static final List<String> PROPERTIES = List.of(
            "starling.limits.max-connections-per-ip=0",
            "starling.limits.max-connections-per-user=0",
            "starling.limits.connect-rate=0",
            "starling.limits.message-rate=0",
            "starling.channels[4].pattern=kept:*",
            "starling.channels[4].subscribe=anyone",
            "starling.channels[4].publish=anyone",
            "starling.channels[4].history-size=20000",
            "starling.channels[4].history-ttl=10m",
            "starling.channels[5].pattern=short:*",
            "starling.channels[5].subscribe=anyone",
            "starling.channels[5].publish=anyone",
            "starling.channels[5].history-size=10",
            "starling.channels[6].pattern=room:*",
            "starling.channels[6].subscribe=anyone",
            "starling.channels[6].publish=anyone",
            "starling.channels[6].presence=true",
            "starling.channels[6].join-leave=true",
            "starling.presence.ttl=5s",
            "starling.recovery.max-messages=10000");

    private static @Nullable RedisServer sharedRedis;
    private static @Nullable Nodes shared;

    private final List<ServerProcess> servers;

    private Nodes(List<ServerProcess> servers) {
        this.servers = servers;
    }

    /** How to start one more node with the Redis that these properties name. */
    static ServerLaunch launch(List<String> redis, String... more) {
        List<String> properties = new ArrayList<>(PROPERTIES);
        properties.add("starling.broker.type=redis");
        properties.addAll(List.of(ApiClient.KEY_PROPERTIES));
        properties.addAll(redis);
        properties.addAll(List.of(more));
        return ServerLaunch.with(properties.toArray(String[]::new));
    }

    /** Starts one node with the same channels and no Redis. */
    static ServerProcess alone(String... more) {
        return ServerLaunch.with(PROPERTIES.toArray(String[]::new)).and(more).start();
    }

    /** Starts so many, and waits until they are ready. */
    static Nodes start(int count, List<String> redis, String... more) {
        List<CompletableFuture<ServerProcess>> starting = IntStream.range(0, count)
                .mapToObj(i ->
                        CompletableFuture.supplyAsync(() -> launch(redis, more).start()))
                .toList();
        List<ServerProcess> started = new ArrayList<>();
        try {
            starting.forEach(start -> started.add(start.join()));
            return new Nodes(List.copyOf(started));
        } catch (RuntimeException | Error e) {
            starting.forEach(start -> start.thenAccept(ServerProcess::close));
            throw e;
        }
    }

    /** Two nodes for all classes that leave them and their Redis as they were; they end with this JVM. */
    static synchronized Nodes shared() {
        Nodes nodes = shared;
        if (nodes == null) {
            nodes = start(2, sharedRedis().properties());
            Runtime.getRuntime().addShutdownHook(new Thread(nodes::close));
            shared = nodes;
        }
        return nodes;
    }

    /** The Redis of {@link #shared}; it has on disk what it has acknowledged. */
    static synchronized RedisServer sharedRedis() {
        RedisServer redis = sharedRedis;
        if (redis == null) {
            redis = RedisServer.startDurable();
            sharedRedis = redis;
        }
        return redis;
    }

    List<ServerProcess> all() {
        return servers;
    }

    ServerProcess get(int index) {
        return servers.get(index);
    }

    boolean areReady() {
        return servers.stream().allMatch(server -> server.answers("/readyz"));
    }

    boolean areUnready() {
        return servers.stream().noneMatch(server -> server.answers("/readyz"));
    }

    boolean areLive() {
        return servers.stream().allMatch(server -> server.answers("/livez"));
    }

    /** Waits until all are ready, at most 20 seconds; they are alive all the while. */
    void awaitReady() {
        Awaitility.await("all nodes are ready")
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    assertThat(areLive()).as("alive").isTrue();
                    return areReady();
                });
    }

    /** Waits until none is ready; they are alive all the while. */
    void awaitUnready(Duration bound) {
        Awaitility.await("no node is ready")
                .atMost(bound)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    assertThat(areLive()).as("alive").isTrue();
                    return areUnready();
                });
    }

    /** What the logs have shown of errors since the last call. */
    List<String> newFaults() {
        return servers.stream().flatMap(server -> server.newFaults().stream()).toList();
    }

    @Override
    public void close() {
        servers.forEach(ServerProcess::close);
    }
}
