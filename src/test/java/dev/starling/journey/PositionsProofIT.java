package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.loadtest.check.DeliveryReport;
import dev.starling.redis.RedisCluster;
import dev.starling.redis.RedisSentinels;
import dev.starling.redis.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import tools.jackson.databind.JsonNode;

/**
 * Redis loses its newest writes and no node remembers them: who had seen one of them is told, nobody else is, and nobody misses,
 * repeats or reorders anything in silence. Each run adds its figures to {@code target/positions-proof.tsv}.
 */
@Tag("long")
class PositionsProofIT {

    private static final int RUNS = 3;
    private static final int NODES = 2;
    private static final int SUBSCRIBERS = 6;

    private final String channel = "kept:" + UUID.randomUUID();
    private final List<AutoCloseable> resources = new ArrayList<>();
    private final List<ServerLaunch> launches = new ArrayList<>();
    private final List<ServerProcess> nodes = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // by begin
    private CheckedRun run;

    @SuppressWarnings("NullAway.Init") // by begin
    private JsonNode early;

    private long backNanos;

    @AfterEach
    void close() throws Exception {
        if (run != null) {
            run.close();
        }
        nodes.forEach(ServerProcess::close);
        for (int i = resources.size() - 1; i >= 0; i--) {
            resources.get(i).close();
        }
    }

    @RepeatedTest(RUNS)
    void allNodesDieWhileRedisLosesItsNewestWrites(TestInfo test) {
        RedisServer redis = keep(RedisServer.startDurable());
        begin(redis.properties());

        redis.restartWithout(this::publishAndKillNodes);

        assertAllAreTold(test);
    }

    @RepeatedTest(RUNS)
    void theMasterAndAllNodesDieWithALaggingReplica(TestInfo test) {
        RedisSentinels redis = keep(RedisSentinels.start());
        begin(redis.properties());

        redis.killMasterAfter(this::publishAndKillNodes);

        assertAllAreTold(test);
    }

    @RepeatedTest(RUNS)
    void aNodeThatConnectsAnewDuringAPlannedFailoverDies(TestInfo test) {
        RedisSentinels redis = keep(RedisSentinels.start());
        begin(redis.properties());

        killNode(1);
        redis.failover();
        startNode(1);
        run.awaitPublished(50);
        killNodes();
        startNodes();

        finish(test);
    }

    @RepeatedTest(RUNS)
    void aFailoverGoesThereAndBack(TestInfo test) {
        RedisSentinels redis = keep(RedisSentinels.start());
        begin(redis.properties());

        redis.failover();
        killNodes();
        redis.failover();
        startNodes();

        finish(test);
    }

    @RepeatedTest(RUNS)
    void aMasterOfAClusterDiesWithALaggingReplica(TestInfo test) {
        RedisCluster redis = keep(RedisCluster.startReplicated());
        begin(redis.properties());

        RedisServer old = redis.killOwnerAfter(RedisCluster.slotOf("{" + channel + "}"), this::publishAndKillNodes);

        assertAllAreTold(test);
        assertThat(old.isAlive()).isFalse();
    }

    @RepeatedTest(RUNS)
    void aSlotMovesWhileNodesStartAnew(TestInfo test) {
        RedisCluster redis = keep(RedisCluster.start());
        begin(redis.properties());
        int slot = RedisCluster.slotOf("{" + channel + "}");

        for (int i = 0; i < 3; i++) {
            redis.migrate(slot, redis.otherThanOwnerOf(slot));
            run.awaitPublished(20);
            killNode(i % NODES);
            startNode(i % NODES);
        }

        assertLostNothing(finish(test));
    }

    @RepeatedTest(RUNS)
    void bothHalvesOfAPartitionHaveAMaster(TestInfo test) {
        RedisServer first = keep(RedisServer.start());
        RedisServer second = keep(RedisServer.start("replicaof " + RedisServer.HOST + " " + first.port()));
        begin(first.properties());

        killNode(1);
        second.cli("REPLICAOF", "NO", "ONE");
        moveNode(1, second);
        run.awaitPublished(300);
        killNode(0);
        first.cli("REPLICAOF", RedisServer.HOST, Integer.toString(second.port()));
        moveNode(0, second);

        finish(test);
    }

    @RepeatedTest(RUNS)
    void aCleanRestartOfAllCostsNobodyAnything(TestInfo test) {
        RedisServer redis = keep(RedisServer.startDurable());
        begin(redis.properties());

        killNodes();
        redis.restart();
        startNodes();
        run.awaitPublished(50);
        redis.restart();

        DeliveryReport report = finish(test);
        assertLostNothing(report);
        assertThat(report.recoveries()).isEqualTo(SUBSCRIBERS);
    }

    /** Starts the nodes and what happens on them, and notes the position of a client that leaves now. */
    private void begin(List<String> redis) {
        for (int i = 0; i < NODES; i++) {
            launches.add(Nodes.launch(redis));
            nodes.add(launches.get(i).start());
        }
        run = new CheckedRun(nodes);
        for (int i = 0; i < SUBSCRIBERS; i++) {
            run.subscribe(i, channel);
        }
        run.awaitStanding();
        for (int i = 0; i < NODES; i++) {
            run.publish(i, channel, 100);
        }
        run.awaitPublished(50);
        try (ClientSession client = ClientSession.open(nodes.get(0))) {
            client.send("{\"type\":\"subscribe\",\"id\":1,\"channel\":\"" + channel + "\"}");
            early = client.await("subscribed");
        }
        run.awaitPublished(50); // so that all of Redis, and its replica, have what that client has seen
    }

    private void publishAndKillNodes() {
        run.awaitPublished(400);
        killNodes();
    }

    private void killNodes() {
        for (int i = 0; i < NODES; i++) {
            killNode(i);
        }
    }

    private void killNode(int index) {
        nodes.get(index).signal("KILL");
        nodes.get(index).close();
    }

    private void startNodes() {
        backNanos = System.nanoTime();
        for (int i = 0; i < NODES; i++) {
            startNode(i);
        }
    }

    private void startNode(int index) {
        nodes.set(index, launches.get(index).start());
    }

    private void moveNode(int index, RedisServer redis) {
        launches.set(
                index,
                Nodes.launch(redis.properties()).onPort(launches.get(index).port()));
        startNode(index);
    }

    /** All goes on, nobody was wronged, and the client that left before the loss has lost nothing. */
    private DeliveryReport finish(TestInfo test) {
        run.awaitStanding().awaitPublished(50);
        Duration recovery = backNanos == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - backNanos);
        DeliveryReport report = run.finishClean();
        write(test.getTestMethod().orElseThrow().getName(), recovery, report);
        try (ClientSession client = ClientSession.open(nodes.get(0))) {
            client.send("{\"type\":\"subscribe\",\"id\":1,\"channel\":\"" + channel + "\",\"recover\":{\"epoch\":\""
                    + early.path("epoch").asString() + "\",\"offset\":"
                    + early.path("offset").asLong() + "}}");
            JsonNode answer = client.await(frame -> frame.path("id").asInt() == 1);
            assertThat(answer.path("recovered").asBoolean())
                    .as("from %s: %s", early, answer)
                    .isTrue();
        }
        return report;
    }

    private void assertAllAreTold(TestInfo test) {
        startNodes();
        DeliveryReport report = finish(test);
        assertThat(report.refusals()).as("all had seen what is lost").isGreaterThanOrEqualTo(SUBSCRIBERS);
    }

    private static void assertLostNothing(DeliveryReport report) {
        assertThat(report.refusals()).as("told of a loss").isZero();
        assertThat(report.toldLost()).isZero();
        assertThat(report.restarts()).isZero();
    }

    private static void write(String name, Duration recovery, DeliveryReport report) {
        Figures.add(
                "positions-proof.tsv",
                name,
                "delivered " + report.delivered(),
                "recovered " + report.recoveries(),
                "told " + report.refusals(),
                "told lost " + report.toldLost(),
                "faults " + report.faultCount(),
                "seconds " + recovery.toMillis() / 1000.0);
    }

    private <T extends AutoCloseable> T keep(T resource) {
        resources.add(resource);
        return resource;
    }
}
