package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
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

    /** Prometheus reads the metrics of a node that is full, and its connection does not keep a leaving node. */
    @Test
    void connectionsToTheManagementPortDoNotCountAndDoNotDelayTheDrain() {
        int port = ServerLaunch.freePort();
        try (ServerProcess node = ServerLaunch.with(
                                "management.server.port=" + port,
                                "starling.limits.max-http-connections=3",
                                "starling.drain.deadline=20s")
                        .start();
                RawClient scraper = RawClient.connect(port);
                RawClient unfinished = RawClient.connect(port)) {
            scraper.send(
                    "GET /actuator/prometheus HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            unfinished.send("GET /actuator/prometheus HTTP/1.1\r\nHost: loc".getBytes(StandardCharsets.US_ASCII));
            List<RawClient> clients = fill(node);
            Metrics metrics = new Metrics(node.get(port, "/actuator/prometheus").body());
            clients.forEach(RawClient::close);

            assertThat(metrics.value("ws_http_connections")).isEqualTo(3);
            assertThat(metrics.value("ws_http_connections_ended_total", "reason=\"node_limit\""))
                    .isPositive();
            assertThat(scraper.answerHead().status()).isEqualTo(200);
            node.signal("TERM");
            node.log().await(line -> line.contains("drain.end"), Duration.ofSeconds(8));
        }
    }

    /** Connects until the node takes no more. */
    private static List<RawClient> fill(ServerProcess node) {
        List<RawClient> clients = new ArrayList<>();
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> {
            try {
                clients.add(RawClient.connect(node.port()));
                return clients.get(clients.size() - 1).request("GET", "/livez").status() == 0;
            } catch (UncheckedIOException reset) {
                return true;
            }
        });
        return clients;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/client/index.js", "/console", "/console/", "/console/index.html"})
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
    @ValueSource(strings = {"/", "/console", "/console/", "/console/index.html"})
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
