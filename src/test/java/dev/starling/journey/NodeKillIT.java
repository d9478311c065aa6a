package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** One of three nodes is killed. */
@Tag("long")
class NodeKillIT {

    private final String id = UUID.randomUUID().toString();

    @Test
    void clientsOfAKilledNodeLoseNothingAndItsMembersAreGone() {
        Nodes others = Nodes.shared();
        try (ServerProcess doomed =
                Nodes.launch(Nodes.sharedRedis().properties()).start()) {
            List<ServerProcess> all = new ArrayList<>(others.all());
            all.add(0, doomed);
            try (CheckedRun run = new CheckedRun(all);
                    ClientSession member = ClientSession.open(doomed).subscribe("room:" + id);
                    ClientSession witness = ClientSession.open(others.get(0)).subscribe("room:" + id)) {
                for (int i = 0; i < 9; i++) {
                    run.subscribe(i, "kept:" + id);
                }
                run.awaitStanding();
                for (int i = 0; i < 3; i++) {
                    run.publish(i, "kept:" + id, 200);
                }
                run.awaitPublished(100);
                doomed.signal("KILL");
                run.awaitPublished(100).awaitStanding().awaitPublished(50);

                assertThat(run.finishComplete().recoveries()).isEqualTo(3);
                assertThat(run.subscribers().stream().filter(client -> client.connections() == 1))
                        .hasSize(6);
                member.awaitClosed();
                assertThat(witness.await(frame -> ClientSession.is(frame, "leave", "room:" + id))
                                .get("user")
                                .asString())
                        .isEqualTo("alice");
                Awaitility.await().atMost(Duration.ofSeconds(15)).until(() -> members(witness) == 1);
            }
        }
    }

    private long members(ClientSession session) {
        JsonNode presence = session.send("{\"type\":\"presence\",\"channel\":\"room:" + id + "\"}")
                .await("presence");
        return presence.get("count").asLong();
    }
}
