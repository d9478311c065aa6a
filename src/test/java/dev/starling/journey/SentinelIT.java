package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisSentinels;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sentinels give the nodes another master. It may lack the newest messages: then subscribers are told. */
@Tag("long")
class SentinelIT {

    private static RedisSentinels redis;
    private static Nodes nodes;

    private final String kept = "kept:" + UUID.randomUUID();
    private CheckedRun run;

    @BeforeAll
    static void start() {
        redis = RedisSentinels.start();
        nodes = Nodes.start(2, redis.properties());
    }

    @AfterAll
    static void stop() {
        nodes.close();
        redis.close();
    }

    @BeforeEach
    void startRun() {
        redis.heal();
        nodes.awaitReady();
        run = new CheckedRun(nodes.all());
        for (int i = 0; i < 4; i++) {
            run.subscribe(i, kept);
        }
        run.awaitStanding();
        run.publish(0, kept, 200);
        run.publish(1, kept, 200);
        run.awaitPublished(50);
    }

    @AfterEach
    void endRun() {
        run.close();
        assertThat(nodes.newFaults()).isEmpty();
    }

    @Test
    void nodesFollowAMasterThatStepsDown() {
        redis.failover();
        goesOn();
    }

    @Test
    void nodesFollowWhenTheMasterIsKilled() {
        redis.killMaster();
        goesOn();
    }

    @Test
    void subscribersAreToldWhenTheNewMasterLacksTheNewestMessages() {
        redis.killMasterAfter(() -> run.awaitPublished(100));
        nodes.awaitReady();
        run.awaitTold(1).awaitPublished(50);

        assertThat(run.finishClean().restarts()).isGreaterThanOrEqualTo(4);
        assertThat(run.subscribers()).extracting(CheckedSubscriber::connections).containsOnly(1);
    }

    private void goesOn() {
        nodes.awaitReady();
        run.awaitPublished(100);
        run.finishClean();
        assertThat(run.subscribers()).extracting(CheckedSubscriber::connections).containsOnly(1);
    }
}
