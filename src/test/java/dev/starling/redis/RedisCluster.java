package dev.starling.redis;

import io.lettuce.core.cluster.SlotHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A Redis Cluster of three masters, each with one replica or none. For one thread at a time. */
public final class RedisCluster implements AutoCloseable {

    private static final int MASTERS = 3;
    private static final int SLOTS = SlotHash.SLOT_COUNT;
    private static final Duration BOUND = Duration.ofSeconds(40);
    private static final Duration POLL = Duration.ofMillis(50);

    private final List<RedisServer> servers = new ArrayList<>();

    private RedisCluster() {}

    /** Starts three masters without replicas, and returns when all slots are served. The options are for each server. */
    public static RedisCluster start(String... options) {
        return start(MASTERS, options);
    }

    /** The same with a replica for each master. */
    public static RedisCluster startReplicated(String... options) {
        return start(2 * MASTERS, options);
    }

    private static RedisCluster start(int count, String... options) {
        RedisCluster cluster = new RedisCluster();
        try {
            for (int i = 0; i < count; i++) {
                cluster.servers.add(RedisServer.start(
                        Stream.concat(clustered(), Stream.of(options)).toArray(String[]::new)));
            }
            cluster.join();
            return cluster;
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    private static Stream<String> clustered() {
        return Stream.of(
                "cluster-enabled yes",
                "cluster-port " + FreePorts.next(),
                "cluster-node-timeout 2000",
                "cluster-replica-validity-factor 0",
                "repl-ping-replica-period 1");
    }

    private void join() {
        for (int i = 0; i < servers.size(); i++) {
            RedisServer server = servers.get(i);
            server.cli("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
            if (i < MASTERS) {
                int first = SLOTS * i / MASTERS;
                int last = SLOTS * (i + 1) / MASTERS - 1;
                server.cli("CLUSTER", "ADDSLOTSRANGE", Integer.toString(first), Integer.toString(last));
            }
            servers.get(0).cli("CLUSTER", "MEET", RedisServer.HOST, Integer.toString(server.port()), busPort(server));
        }
        await(() -> servers.stream().allMatch(this::knowsAll));
        for (int i = MASTERS; i < servers.size(); i++) {
            servers.get(i).cli("CLUSTER", "REPLICATE", id(servers.get(i - MASTERS)));
        }
        awaitOk();
    }

    private static String busPort(RedisServer server) {
        return String.valueOf(server.list("CONFIG", "GET", "cluster-port").get(1));
    }

    private boolean knowsAll(RedisServer server) {
        List<String> nodes = server.cli("CLUSTER", "NODES").lines().toList();
        return nodes.size() == servers.size() && nodes.stream().noneMatch(line -> line.contains("handshake"));
    }

    /** Waits until all servers that run agree that all slots are served, and all replicas that run are in step. */
    public void awaitOk() {
        await(() -> servers.stream().filter(RedisServer::isAlive).allMatch(RedisCluster::isOk));
    }

    private static boolean isOk(RedisServer server) {
        return RedisServer.field(server.cli("CLUSTER", "INFO"), "cluster_state").equals("ok")
                && (server.info("role").equals("master")
                        || server.info("master_link_status").equals("up"));
    }

    /** The properties, {@code name=value} each, by which a Spring application finds it. */
    public List<String> properties() {
        return List.of("spring.data.redis.cluster.nodes="
                + servers.stream()
                        .map(server -> RedisServer.HOST + ":" + server.port())
                        .collect(Collectors.joining(",")));
    }

    /** All servers, masters first as they were at the start. */
    public List<RedisServer> servers() {
        return List.copyOf(servers);
    }

    /** The slot of a key or of a sharded channel. */
    public static int slotOf(String key) {
        return SlotHash.getSlot(key);
    }

    /** The master that serves a slot, in the view of the first server that runs. */
    public RedisServer ownerOf(int slot) {
        return ownerOf(slot, anyone());
    }

    private RedisServer ownerOf(int slot, RedisServer view) {
        for (Object entry : view.list("CLUSTER", "SLOTS")) {
            List<?> range = (List<?>) entry;
            if ((Long) range.get(0) <= slot && slot <= (Long) range.get(1)) {
                long port = (Long) ((List<?>) range.get(2)).get(1);
                return servers.stream()
                        .filter(server -> server.port() == port)
                        .findFirst()
                        .orElseThrow();
            }
        }
        throw new IllegalStateException("nobody serves slot " + slot);
    }

    /** Moves a slot with its keys to another master, as a resharding does, and returns when all servers know. */
    public void migrate(int slot, RedisServer target) {
        RedisServer source = ownerOf(slot);
        String number = Integer.toString(slot);
        target.cli("CLUSTER", "SETSLOT", number, "IMPORTING", id(source));
        source.cli("CLUSTER", "SETSLOT", number, "MIGRATING", id(target));
        for (List<?> keys = keysIn(source, number); !keys.isEmpty(); keys = keysIn(source, number)) {
            Stream<String> head =
                    Stream.of("MIGRATE", RedisServer.HOST, Integer.toString(target.port()), "", "0", "5000", "KEYS");
            source.cli(Stream.concat(head, keys.stream().map(String::valueOf)).toArray(String[]::new));
        }
        target.cli("CLUSTER", "SETSLOT", number, "NODE", id(target));
        source.cli("CLUSTER", "SETSLOT", number, "NODE", id(target));
        await(() -> servers.stream().filter(RedisServer::isAlive).allMatch(view -> ownerOf(slot, view) == target));
    }

    /** Any master but the one that serves the slot. */
    public RedisServer otherThanOwnerOf(int slot) {
        RedisServer owner = ownerOf(slot);
        return servers.stream()
                .filter(server -> server != owner && server.info("role").equals("master"))
                .findFirst()
                .orElseThrow();
    }

    /** Kills the master that serves a slot and returns it when a replica has taken its place; needs replicas. */
    public RedisServer killOwnerOf(int slot) {
        RedisServer old = ownerOf(slot);
        old.kill();
        await(() -> ownerOf(slot) != old);
        awaitOk();
        return old;
    }

    /**
     * Cuts the replicas of that master off, has {@code meanwhile} happen, kills it, and returns it when a replica has taken its place:
     * without anything of the meantime.
     */
    public RedisServer killOwnerAfter(int slot, Runnable meanwhile) {
        RedisServer old = ownerOf(slot);
        List<RedisServer> behind = servers.stream()
                .filter(server -> server.info("master_port").equals(Integer.toString(old.port())))
                .toList();
        behind.forEach(RedisServer::freeze);
        try {
            old.cli("CLIENT", "KILL", "TYPE", "replica");
            meanwhile.run();
            old.kill();
        } finally {
            behind.forEach(RedisServer::thaw);
        }
        await(() -> ownerOf(slot) != old);
        awaitOk();
        return old;
    }

    private static List<?> keysIn(RedisServer source, String slot) {
        return source.list("CLUSTER", "GETKEYSINSLOT", slot, "100");
    }

    private static String id(RedisServer server) {
        return server.cli("CLUSTER", "MYID");
    }

    private RedisServer anyone() {
        return servers.stream().filter(RedisServer::isAlive).findFirst().orElseThrow();
    }

    private void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(BOUND)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .ignoreExceptions()
                .until(condition);
    }

    @Override
    public void close() {
        servers.forEach(RedisServer::close);
    }
}
