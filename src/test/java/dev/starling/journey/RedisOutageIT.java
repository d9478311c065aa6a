package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.loadtest.check.DeliveryReport;
import dev.starling.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redis goes away and comes back in every way that it can, under two nodes with publishers and subscribers on both. */
class RedisOutageIT {

    private static final Duration FOUND = Duration.ofSeconds(20);

    /** What is refused sooner has not waited for a command to time out. */
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(2);

    private final String kept = "kept:" + UUID.randomUUID();
    private final String idle = "kept:" + UUID.randomUUID();
    private final String open = "open:" + UUID.randomUUID();

    private RedisServer redis;
    private Nodes nodes;
    private CheckedRun run;
    private CheckedPublisher publisher;

    @BeforeEach
    void startRun() {
        redis = Nodes.sharedRedis();
        nodes = Nodes.shared();
        nodes.awaitReady();
        run = new CheckedRun(nodes.all());
        for (int i = 0; i < 4; i++) {
            run.subscribe(i, kept, open);
        }
        run.awaitStanding();
        run.publish(0, kept, 200);
        publisher = run.publish(1, kept, 200);
        run.publish(1, open, 200);
        run.awaitPublished(50);
    }

    @AfterEach
    void endRun() {
        run.close();
        assertThat(nodes.newFaults()).isEmpty();
    }

    @Test
    void nothingIsLostWhenRedisIsKilledAndHasItsDataAgain() {
        redis.kill();
        nodes.awaitUnready(FOUND);
        publishesAreRefusedAtOnce();
        redis.restart();
        nodes.awaitReady();
        run.awaitPublished(100);

        DeliveryReport report = run.finishComplete();
        connectionsStayed();
        assertThat(report.restarts()).isZero();
    }

    @Test
    void subscribersAreToldOfANewHistoryWhenRedisHasLostItsData() {
        run.subscribe(0, idle);
        run.subscribe(1, idle);
        run.awaitStanding();
        redis.kill();
        nodes.awaitUnready(FOUND);
        redis.restartEmpty();
        nodes.awaitReady();
        run.awaitTold(1).awaitPublished(100);

        DeliveryReport report = run.finishClean();
        connectionsStayed();
        assertThat(report.restarts()).isGreaterThanOrEqualTo(6);
        assertThat(report.recoveries()).isZero();
    }

    @Test
    void nothingIsLostWhenAllConnectionsToRedisAreCut() {
        for (int i = 0; i < 3; i++) {
            redis.cutClients();
            run.awaitPublished(50);
        }
        nodes.awaitReady();

        run.finishComplete();
        connectionsStayed();
    }

    @Test
    void silentRedisIsFoundAndNothingIsLost() {
        redis.freeze();
        try {
            nodes.awaitUnready(FOUND);
            publishesAreRefusedAtOnce();
            Awaitility.await().until(() -> nodes.get(0).metrics().value("ws_broker_links", "state=\"up\"") == 0);
        } finally {
            redis.thaw();
        }
        nodes.awaitReady();
        run.awaitPublished(100);

        run.finishComplete();
        connectionsStayed();
        assertThat(nodes.get(0).metrics().value("ws_broker_links", "state=\"up\""))
                .isPositive();
    }

    @Test
    void subscribersAreToldOfANewHistoryWhenTheDatabaseIsFlushed() {
        redis.cli("FLUSHALL");
        run.awaitTold(1).awaitPublished(100);

        DeliveryReport report = run.finishClean();
        connectionsStayed();
        assertThat(nodes.areReady()).isTrue();
        assertThat(report.restarts()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void clientWhoAsksDuringTheOutageIsServedAfterIt() {
        redis.kill();
        nodes.awaitUnready(FOUND);
        CheckedSubscriber late = run.subscribe(0, kept, idle);
        CheckedSubscriber back = run.subscribers().get(0);
        back.cut();
        Awaitility.await().until(() -> late.connections() > 0 && back.connections() > 1);
        assertThat(late.stands()).isFalse();
        redis.restart();
        nodes.awaitReady();
        run.awaitStanding().awaitPublished(50);

        assertThat(run.finishComplete().recoveries()).isEqualTo(1);
    }

    /** Waits until what was under way has failed, then times what fails from then on. */
    private void publishesAreRefusedAtOnce() {
        awaitRefusals(publisher.refusals() + 100);
        publisher.takeSlowestRefusal();
        awaitRefusals(publisher.refusals() + 50);
        assertThat(publisher.takeSlowestRefusal()).isLessThan(COMMAND_TIMEOUT);
    }

    private void awaitRefusals(int total) {
        Awaitility.await("publishes are refused")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> publisher.refusals() >= total);
    }

    private void connectionsStayed() {
        assertThat(run.subscribers()).extracting(CheckedSubscriber::connections).containsOnly(1);
        assertThat(List.of(publisher.connections())).containsOnly(1);
    }
}
