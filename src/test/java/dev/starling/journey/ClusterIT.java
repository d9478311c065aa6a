package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisCluster;
import dev.starling.redis.RedisServer;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nodes on a Redis Cluster, with sharded pub/sub: channels lie on all shards, and follow their slots. */
@Tag("long")
class ClusterIT {

    private static final int CHANNELS = 12;

    private static RedisCluster redis;
    private static Nodes nodes;

    private final String id = UUID.randomUUID().toString();
    private CheckedRun run;

    @BeforeAll
    static void start() {
        redis = RedisCluster.startReplicated();
        nodes = Nodes.start(2, redis.properties());
    }

    @AfterAll
    static void stop() {
        nodes.close();
        redis.close();
    }

    @BeforeEach
    void startRun() {
        nodes.awaitReady();
        run = new CheckedRun(nodes.all());
        String[] all = IntStream.range(0, CHANNELS).mapToObj(this::channel).toArray(String[]::new);
        for (int i = 0; i < 4; i++) {
            run.subscribe(i, all);
        }
        run.awaitStanding();
        for (int i = 0; i < CHANNELS; i++) {
            run.publish(i, channel(i), 50);
        }
        run.awaitPublished(20);
    }

    @AfterEach
    void endRun() {
        run.close();
        assertThat(nodes.newFaults()).isEmpty();
    }

    @Test
    void messagesOfAllShardsReachAllNodesAndGoNowhereElse() {
        List<RedisServer> owners = IntStream.range(0, CHANNELS)
                .mapToObj(i -> redis.ownerOf(slot(i)))
                .distinct()
                .toList();
        assertThat(owners).hasSizeGreaterThan(1);
        assertThat(owners)
                .allSatisfy(owner ->
                        assertThat(owner.cli("PUBSUB", "SHARDCHANNELS", "ws:*")).isNotEmpty());
        run.awaitPublished(50);

        run.finishComplete();
    }

    @Test
    void nothingIsLostWhenASlotMoves() {
        for (int i = 0; i < 3; i++) {
            redis.migrate(slot(i), redis.otherThanOwnerOf(slot(i)));
            run.awaitPublished(10);
        }
        nodes.awaitReady();
        run.awaitPublished(20);

        run.finishComplete();
        connectionsStayed();
    }

    @Test
    void channelsFollowTheReplicaOfAKilledMaster() {
        RedisServer old = redis.killOwnerOf(slot(0));
        nodes.awaitReady();
        run.awaitPublished(20);

        run.finishClean();
        connectionsStayed();
        old.restart();
    }

    private void connectionsStayed() {
        assertThat(run.subscribers()).extracting(CheckedSubscriber::connections).containsOnly(1);
    }

    private String channel(int number) {
        return "kept:" + id + ":" + number;
    }

    private int slot(int number) {
        return RedisCluster.slotOf("{" + channel(number) + "}");
    }
}
