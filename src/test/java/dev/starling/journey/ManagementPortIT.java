package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator sees where the management has a port of its own. */
class ManagementPortIT {

    private static final int MANAGEMENT = ServerLaunch.freePort();

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with("management.server.port=" + MANAGEMENT, "starling.console.enabled=false")
                .and(ApiClient.KEY_PROPERTIES)
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void metricsAreOpenToTheScraper() {
        assertThat(server.get(MANAGEMENT, "/actuator/prometheus").body()).contains("ws_connections_active");
    }

    @Test
    void healthIsOnTheManagementPort() {
        assertThat(server.get(MANAGEMENT, "/actuator/health/liveness").statusCode())
                .isEqualTo(200);
        assertThat(server.get(MANAGEMENT, "/actuator/health/readiness").statusCode())
                .isEqualTo(200);
    }

    @Test
    void mainPortKeepsTheProbesAndNothingElse() {
        assertThat(server.get("/livez").statusCode()).isEqualTo(200);
        assertThat(server.get("/readyz").statusCode()).isEqualTo(200);
        assertThat(server.get("/actuator/prometheus").statusCode()).isIn(401, 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/client/index.js", "/console", "/console/", "/console/index.html"})
    void managementPortServesNoPages(String path) {
        assertThat(server.get(MANAGEMENT, path).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/node", "/api/connections"})
    void managementPortServesNoApi(String path) {
        String ops = "Bearer " + Tokens.standard().scope("ops").sign();

        assertThat(server.get(MANAGEMENT, path).statusCode()).isEqualTo(401);
        assertThat(server.get(MANAGEMENT, path, "Authorization", ops).statusCode())
                .isEqualTo(404);
        assertThat(server.get(path, "Authorization", ops).statusCode()).isEqualTo(200);
    }

    @Test
    void nothingIsPublishedByTheManagementPort() {
        String path = "/api/channels/open:management/messages";
        String[] key = {"X-API-Key", ApiClient.KEY};

        assertThat(server.send("POST", path, "1", key).statusCode()).isEqualTo(200);
        assertThat(server.send(MANAGEMENT, "POST", path, "1", key).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/console", "/console/", "/console/index.html"})
    void consoleThatIsSwitchedOffIsNotThere(String path) {
        assertThat(server.get(path).statusCode()).isEqualTo(404);
        assertThat(server.get("/client/index.js").statusCode()).isEqualTo(200);
    }

    @Test
    void managementPortServesNoSocketNeitherWithATokenNorWithout() {
        try (RawClient client = RawClient.connect(MANAGEMENT)) {
            assertThat(client.upgrade("/ws").status()).isBetween(400, 499);
        }
        try (RawClient client = RawClient.connect(MANAGEMENT)) {
            HttpAnswer answer = client.upgrade(
                    "/ws", "Authorization: Bearer " + Tokens.standard().sign());

            assertThat(answer.status()).isBetween(400, 499);
        }
    }
}
