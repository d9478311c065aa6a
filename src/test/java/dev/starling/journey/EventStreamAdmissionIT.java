package dev.starling.journey;

import static dev.starling.journey.ApiClient.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Who may have an event stream, how many, and who looks after them. */
class EventStreamAdmissionIT extends EventStreamJourney {

    @Test
    void aTokenInTheQueryIsEnoughAndNoScopeIsNeeded() {
        String path = EventStream.path("token:mine") + "?access_token="
                + Tokens.standard().channels("token:mine").sign();
        try (RawClient client = RawClient.connect(server.port())) {
            assertThat(client.request("GET", path).status()).isEqualTo(200);
        }
    }

    @Test
    void whoMayNotBeServedIsToldBeforeTheStreamBegins() {
        String granted = EventStream.path("open:a");
        double before = refused("no_token");
        problem(server.get(granted), 401, "no_token");
        assertThat(refused("no_token")).isEqualTo(before + 1);
        problem(server.get(granted, "Authorization", "Bearer nonsense"), 401, "invalid_token");
        problem(get(EventStream.path("shut:a")), 403, "forbidden");
        problem(get(EventStream.path("token:a")), 403, "forbidden");
        problem(get(EventStream.path("open:%2A")), 400, "invalid_channel");
        problem(get(EventStream.path("open:" + "x".repeat(300))), 400, "invalid_channel");
        problem(get(granted, "Last-Event-ID", "nonsense"), 400, "invalid_parameter");
        problem(get(granted + "?lastEventId=e:-1"), 400, "invalid_parameter");
        problem(get(granted, "Accept", "application/json"), 406, "not_acceptable");
        problem(ApiClient.of(server).post(granted, "1"), 405, "method_not_allowed");
        assertThat(server.metrics().value("ws_connections_active")).isZero();
    }

    private static double refused(String reason) {
        return server.metrics().value("ws_upgrade_refused_total", "reason=\"" + reason + '"');
    }

    @ParameterizedTest
    @CsvSource({"open:a, 200", "shut:a, 403"})
    void headTellsWhatGetWouldAndIsNoConnection(String channel, int status) {
        double before = server.metrics().value("ws_connects_total");
        for (int i = 0; i < 2 * PER_ADDRESS; i++) {
            HttpResponse<String> answer = server.send(
                    "HEAD",
                    EventStream.path(channel),
                    "",
                    "Authorization",
                    "Bearer " + Tokens.standard().sign());
            assertThat(answer.statusCode()).isEqualTo(status);
        }
        assertThat(server.metrics().value("ws_connects_total")).isEqualTo(before);
    }

    @Test
    void pagesOfAllowedOriginsMayListen() {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = ask(client, "alice", "open:cors", "Origin: https://app.example");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("access-control-allow-origin")).isIn("*", "https://app.example");
        }
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = ask(client, "alice", "open:cors", "Origin: https://evil.example");
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.json().get("code").asString()).isEqualTo("origin");
        }
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = client.request(
                    "OPTIONS",
                    EventStream.path("open:cors"),
                    "Origin: https://app.example",
                    "Access-Control-Request-Method: GET",
                    "Access-Control-Request-Headers: authorization,last-event-id");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("access-control-allow-headers")).containsIgnoringCase("last-event-id");
        }
    }

    @Test
    void anAddressHasSoManyStreamsAndNoMoreUntilOneEnds() {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < PER_ADDRESS; i++) {
            RawClient client = keep(RawClient.connectFrom(21, server.port()));
            clients.add(client);
            assertThat(ask(client, "user-" + i % 2, "open:many").status()).isEqualTo(200);
        }

        try (RawClient more = RawClient.connectFrom(21, server.port())) {
            HttpAnswer refused = ask(more, "other", "open:many");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.json().get("code").asString()).isEqualTo("address_limit");
            assertThat(refused.header("retry-after")).isNotNull();
        }
        clients.get(0).close();
        Awaitility.await().atMost(BOUND).until(() -> {
            RawClient next = keep(RawClient.connectFrom(21, server.port()));
            return ask(next, "other", "open:many").status() == 200;
        });
    }

    @Test
    void aUserHasSoManyStreamsAndNoMore() {
        for (int i = 0; i < PER_USER; i++) {
            RawClient client = keep(RawClient.connectFrom(31, server.port()));
            assertThat(ask(client, "many", "open:many").status()).isEqualTo(200);
        }
        try (RawClient more = RawClient.connectFrom(32, server.port())) {
            HttpAnswer refused = ask(more, "many", "open:many");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.json().get("code").asString()).isEqualTo("user_limit");
        }
    }

    @Test
    void operatorsSeeAStreamAndEndIt() {
        EventStream stream = keep(EventStream.open(
                server, EventStream.path("open:ops"), Tokens.standard().subject("listener")));
        String id = stream.await("welcome").json().get("connection").asString();
        stream.await("subscribed");
        ApiClient operator = ApiClient.of(server);
        JsonNode found =
                operator.ask("/api/connections?query=" + id).get("items").get(0);
        assertThat(found.get("user").asString()).isEqualTo("listener");
        assertThat(found.get("subscriptions").asInt()).isEqualTo(1);
        assertThat(found.has("roundTripMillis")).isFalse();
        assertThat(server.metrics().value("ws_connections_streams")).isEqualTo(1);

        assertThat(operator.send("DELETE", "/api/connections/" + id, "").statusCode())
                .isLessThan(300);

        List<EventStream.Event> last = stream.awaitEnd(BOUND);
        assertThat(last).hasSize(1);
        assertThat(last.get(0).type()).isEqualTo("close");
        assertThat(last.get(0).data()).isEqualTo("{\"code\":4503,\"reason\":\"closed_by_operator\"}");
        assertClosed("listener", 4503, "server");
    }

    @Test
    void whoLeavesIsRememberedAsOneWhoSaidNoCode() {
        EventStream stream = EventStream.open(
                server, EventStream.path("open:ops"), Tokens.standard().subject("leaver"));
        stream.await("subscribed");

        stream.close();

        assertClosed("leaver", 1005, "client");
    }
}
