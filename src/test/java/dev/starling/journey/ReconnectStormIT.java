package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.loadtest.check.DeliveryReport;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A thousand clients come back at once, each to the other node, while messages are published. */
@Tag("long")
class ReconnectStormIT {

    private static final int CLIENTS = 1000;
    private static final int CHANNELS = 20;

    @Test
    void aThousandClientsRecoverDuringPublishes() {
        String id = UUID.randomUUID().toString();
        String busy = "kept:" + id + ":all";
        try (CheckedRun run = new CheckedRun(Nodes.shared().all())) {
            for (int i = 0; i < CLIENTS; i++) {
                run.subscribe(i, busy, "kept:" + id + ":" + i % CHANNELS);
            }
            run.awaitStanding();
            run.publish(0, busy, 100);
            for (int i = 0; i < CHANNELS; i++) {
                run.publish(i, "kept:" + id + ":" + i, 100);
            }
            run.awaitPublished(20);
            run.subscribers().forEach(CheckedSubscriber::cut);
            run.awaitPublished(20).awaitStanding().awaitPublished(10);

            DeliveryReport report = run.finishComplete();
            assertThat(report.recoveries()).isEqualTo(2 * CLIENTS);
            assertThat(report.delivered()).isGreaterThan(50 * CLIENTS);
        }
        assertThat(Nodes.shared().newFaults()).isEmpty();
    }
}
