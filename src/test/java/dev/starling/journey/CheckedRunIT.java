package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.loadtest.check.DeliveryReport;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One node with its broker in memory keeps the same promises, and the checked clients see it. */
class CheckedRunIT {

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = Nodes.alone();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void channelWithHistoryLosesNothingWhileItsClientsComeAndGo() {
        String channel = "kept:" + UUID.randomUUID();
        try (CheckedRun run = new CheckedRun(List.of(server))) {
            for (int i = 0; i < 50; i++) {
                run.subscribe(0, channel);
            }
            run.awaitStanding();
            run.publish(0, channel, 300);
            run.publish(0, channel, 300);
            for (int i = 0; i < 3; i++) {
                run.awaitPublished(100);
                run.subscribers().forEach(CheckedSubscriber::cut);
                run.awaitPublished(50).awaitStanding();
            }

            assertThat(run.finishComplete().recoveries()).isEqualTo(150);
        }
        assertThat(server.newFaults()).isEmpty();
    }

    @Test
    void channelWithoutHistoryLosesNothingWhileAllIsWell() {
        String channel = "open:" + UUID.randomUUID();
        try (CheckedRun run = new CheckedRun(List.of(server))) {
            for (int i = 0; i < 20; i++) {
                run.subscribe(0, channel);
            }
            run.awaitStanding();
            run.publish(0, channel, 500);
            run.publish(0, channel, 500);
            run.awaitPublished(300);

            DeliveryReport report = run.finishComplete();
            assertThat(report.lostWithoutHistory()).isZero();
            assertThat(report.delivered()).isEqualTo(20 * report.acknowledged());
        }
    }

    @Test
    void channelWithoutHistoryLosesWhatIsSentWhileItsClientsAreAwayAndNothingElse() {
        String channel = "open:" + UUID.randomUUID();
        try (CheckedRun run = new CheckedRun(List.of(server))) {
            CheckedSubscriber stays = run.subscribe(0, channel);
            CheckedSubscriber leaves = run.subscribe(0, channel);
            run.awaitStanding();
            run.publish(0, channel, 500);
            run.awaitPublished(100);
            leaves.cut();
            run.awaitPublished(200).awaitStanding().awaitPublished(100);

            DeliveryReport report = run.finishComplete();
            assertThat(leaves.connections()).isEqualTo(2);
            assertThat(stays.connections()).isEqualTo(1);
            assertThat(report.delivered()).isBetween(report.acknowledged() + 150, 2 * report.acknowledged() - 1);
        }
    }
}
