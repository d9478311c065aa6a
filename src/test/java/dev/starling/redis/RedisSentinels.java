package dev.starling.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** A master and a replica, watched by three Sentinels. For one thread at a time. */
public final class RedisSentinels implements AutoCloseable {

    /** The name under which the Sentinels know the master. */
    public static final String MASTER_NAME = "starling";

    private static final int QUORUM = 2;
    private static final Duration BOUND = Duration.ofSeconds(40);
    private static final Duration POLL = Duration.ofMillis(50);

    private final List<RedisServer> servers;
    private final List<RedisServer> sentinels;

    private RedisSentinels(List<RedisServer> servers, List<RedisServer> sentinels) {
        this.servers = servers;
        this.sentinels = sentinels;
    }

    /** Starts all five, and returns when the Sentinels know them all. The options are for the master and the replica. */
    public static RedisSentinels start(String... options) {
        List<RedisServer> servers = new ArrayList<>();
        List<RedisServer> sentinels = new ArrayList<>();
        RedisSentinels all = new RedisSentinels(servers, sentinels);
        try {
            servers.add(RedisServer.start(options));
            int port = servers.get(0).port();
            List<String> replica = new ArrayList<>(List.of(options));
            replica.add("replicaof " + RedisServer.HOST + " " + port);
            servers.add(RedisServer.start(replica.toArray(String[]::new)));
            all.await(() -> servers.get(1).info("master_link_status").equals("up"));
            IntStream.range(0, 3).forEach(i -> sentinels.add(RedisServer.startSentinel(watching(port))));
            all.await(() -> sentinels.stream().allMatch(RedisSentinels::knowsAll));
            return all;
        } catch (RuntimeException | Error e) {
            all.close();
            throw e;
        }
    }

    private static List<String> watching(int port) {
        return List.of(
                "sentinel monitor " + MASTER_NAME + " " + RedisServer.HOST + " " + port + " " + QUORUM,
                "sentinel down-after-milliseconds " + MASTER_NAME + " 1500",
                "sentinel failover-timeout " + MASTER_NAME + " 2500");
    }

    private static boolean knowsAll(RedisServer sentinel) {
        String master = RedisServer.field(sentinel.cli("INFO", "sentinel"), "master0");
        return master.contains("status=ok") && master.contains("slaves=1") && master.contains("sentinels=3");
    }

    /** The properties, {@code name=value} each, by which a Spring application finds the master. */
    public List<String> properties() {
        return List.of(
                "spring.data.redis.sentinel.master=" + MASTER_NAME,
                "spring.data.redis.sentinel.nodes="
                        + sentinels.stream()
                                .map(sentinel -> RedisServer.HOST + ":" + sentinel.port())
                                .collect(Collectors.joining(",")));
    }

    /** The server that the Sentinels call the master now. */
    public RedisServer master() {
        int port = Integer.parseInt(String.valueOf(sentinels
                .get(0)
                .list("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER_NAME)
                .get(1)));
        return servers.stream()
                .filter(server -> server.port() == port)
                .findFirst()
                .orElseThrow();
    }

    /** The other one. */
    public RedisServer replica() {
        RedisServer master = master();
        return servers.stream().filter(server -> server != master).findFirst().orElseThrow();
    }

    /** The Sentinels. */
    public List<RedisServer> sentinels() {
        return List.copyOf(sentinels);
    }

    /** Kills the master and returns the old one when the replica has taken its place. */
    public RedisServer killMaster() {
        RedisServer old = master();
        old.kill();
        awaitMasterOtherThan(old);
        return old;
    }

    /** Has the Sentinels exchange master and replica, both alive, and returns when that is done. */
    public void failover() {
        RedisServer old = master();
        sentinels.get(0).cli("SENTINEL", "FAILOVER", MASTER_NAME);
        awaitMasterOtherThan(old);
        await(() -> old.info("role").equals("slave")
                && old.info("master_link_status").equals("up"));
    }

    /**
     * Cuts the replica off, has {@code meanwhile} happen to the master, kills that, and returns the old one when the replica
     * has taken its place: without anything of the meantime.
     */
    public RedisServer killMasterAfter(Runnable meanwhile) {
        RedisServer old = master();
        RedisServer behind = replica();
        behind.freeze();
        try {
            // Else its kernel would take in what is written until it thaws.
            old.cli("CLIENT", "KILL", "TYPE", "replica");
            meanwhile.run();
            old.kill();
        } finally {
            behind.thaw();
        }
        awaitMasterOtherThan(old);
        return old;
    }

    /** Starts what was killed as the replica of the other one, and waits until it has its data. */
    public void heal() {
        for (RedisServer server : servers) {
            if (!server.isAlive()) {
                server.restart();
                server.cli("REPLICAOF", RedisServer.HOST, Integer.toString(master().port()));
            }
        }
        await(() -> replica().info("role").equals("slave")
                && replica().info("master_link_status").equals("up")
                && sentinels.stream().allMatch(RedisSentinels::knowsAll));
    }

    /** Waits until another than this is the master, for all Sentinels and for itself. */
    public void awaitMasterOtherThan(RedisServer old) {
        await(() -> {
            RedisServer master = master();
            return master != old && master.info("role").equals("master");
        });
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
        sentinels.forEach(RedisServer::close);
        servers.forEach(RedisServer::close);
    }
}
