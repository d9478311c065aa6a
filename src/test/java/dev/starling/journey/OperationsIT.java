package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator sees, on the port that clients use. */
class OperationsIT {

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = StandardServer.get();
        try (ClientSession session = ClientSession.subscribed(server, "open:operations")) {
            session.publish("open:operations", "1").awaitData();
            session.leave();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/readyz", "/actuator/health/liveness", "/actuator/health/readiness"})
    void healthIsOpenToAll(String path) {
        HttpResponse<String> answer = server.get(path);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"UP\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator", "/actuator/prometheus", "/actuator/metrics", "/actuator/sbom/application"})
    void otherEndpointsNeedAToken(String path) {
        assertThat(server.get(path).statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/env", "/actuator/heapdump", "/actuator/loggers", "/anything"})
    void nothingElseIsThere(String path) {
        assertThat(server.get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void tokenWithoutTheScopeOpensNoMetrics() {
        assertThat(scrape(Tokens.standard()).statusCode()).isEqualTo(403);
        assertThat(scrape(Tokens.standard().scope("read write")).statusCode()).isEqualTo(403);
    }

    @Test
    void tokenWithTheScopeOpensMetrics() {
        assertThat(scrape(Tokens.standard().scope("read ops")).statusCode()).isEqualTo(200);
    }

    @Test
    void heapIsNotForDownloadEvenWithTheScope() {
        String token = Tokens.standard().scope("ops").sign();

        assertThat(server.get("/actuator/heapdump", "Authorization", "Bearer " + token)
                        .statusCode())
                .isIn(403, 404);
        assertThat(server.get("/actuator/env", "Authorization", "Bearer " + token)
                        .statusCode())
                .isIn(403, 404);
    }

    @Test
    void operatorsLearnWhatTheJarConsistsOf() {
        String token = Tokens.standard().scope("ops").sign();

        assertThat(server.get("/actuator/sbom/application", "Authorization", "Bearer " + token)
                        .body())
                .contains("CycloneDX", "reactor-netty-http");
    }

    @Test
    void activeConnectionsAreCounted() {
        double before = server.metrics().value("ws_connections_active");
        try (ClientSession session = ClientSession.subscribed(server, "open:count")) {
            assertThat(session.closed()).isFalse();
            assertThat(server.metrics().value("ws_connections_active")).isEqualTo(before + 1);
        }
    }

    @Test
    void messagesAreCountedByDirectionAndType() {
        Metrics metrics = server.metrics();

        assertThat(metrics.value("ws_messages_total", "direction=\"in\"", "type=\"publish\""))
                .isPositive();
        assertThat(metrics.value("ws_messages_total", "direction=\"in\"", "type=\"subscribe\""))
                .isPositive();
        assertThat(metrics.value("ws_messages_total", "direction=\"out\"", "type=\"message\""))
                .isPositive();
        assertThat(metrics.value("ws_messages_total", "direction=\"out\"", "type=\"welcome\""))
                .isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1.0", "+Inf"})
    void durationsHaveTheirBuckets(String bound) {
        assertThat(server.metrics().samples("ws_message_duration_seconds_bucket"))
                .anyMatch(line -> line.contains("le=\"" + bound + "\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ws_connects_total",
                "ws_upgrade_refused_total",
                "ws_closes_total",
                "ws_errors_total",
                "ws_subscriptions",
                "ws_channels",
                "ws_publishes_total",
                "ws_deliveries_total",
                "ws_fanout_duration_seconds_bucket",
                "ws_slow_consumers_total",
                "ws_rate_limited_total",
                "ws_ping_duration_seconds_bucket",
                "ws_outbound_pending_bytes",
            })
    void whatAnOperatorAsksNextIsThere(String meter) {
        assertThat(server.metrics().samples(meter)).isNotEmpty();
    }

    @Test
    void gaugesOfChannelsAndSubscriptionsFollowTheClients() {
        Awaitility.await("the clients of other tests to be gone")
                .atMost(Duration.ofSeconds(10))
                .until(() -> server.metrics().value("ws_connections") == 0);
        Metrics before = server.metrics();
        try (ClientSession first = ClientSession.subscribed(server, "open:gauge");
                ClientSession second = ClientSession.subscribed(server, "open:gauge")) {
            assertThat(first.drain()).isEmpty();
            assertThat(second.drain()).isEmpty();
            Metrics during = server.metrics();
            assertThat(during.value("ws_channels")).isEqualTo(before.value("ws_channels") + 1);
            assertThat(during.value("ws_subscriptions")).isEqualTo(before.value("ws_subscriptions") + 2);
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> server.metrics().value("ws_channels") == before.value("ws_channels"));
    }

    @Test
    void noMeterNamesAChannelOrAUser() {
        assertThat(server.metrics().text()).doesNotContain("open:operations", "alice");
    }

    private static HttpResponse<String> scrape(Tokens token) {
        return server.get("/actuator/prometheus", "Authorization", "Bearer " + token.sign());
    }
}
