package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** How many connections a node accepts per second. */
class AcceptRateIT {

    private static final int ATTEMPTS = 500;

    @Test
    void stormIsAnsweredWith503AndGoesInLater() {
        try (ServerProcess server = ServerLaunch.with(
                        "starling.limits.connect-rate=5", "starling.limits.max-connections-per-ip=0")
                .start()) {
            HttpAnswer refusal = Stream.generate(() -> enter(server))
                    .limit(ATTEMPTS)
                    .filter(answer -> answer.status() != 101)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no refusal in " + ATTEMPTS + " attempts"));
            AdmissionIT.assertRefused(refusal, 503);
            assertThat(server.get("/readyz").statusCode()).as("still ready").isEqualTo(200);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> enter(server).status() == 101);
            assertThat(server.metrics().value("ws_upgrade_refused_total", "reason=\"connect_rate\""))
                    .isPositive();
        }
    }

    private static HttpAnswer enter(ServerProcess server) {
        try (RawClient client = RawClient.connect(server.port())) {
            return client.upgrade(
                    "/ws", "Authorization: Bearer " + Tokens.standard().sign());
        }
    }
}
