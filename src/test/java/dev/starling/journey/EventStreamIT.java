package dev.starling.journey;

import static dev.starling.journey.ApiClient.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Channels for those who can't speak WebSocket, on a node with little memory. */
class EventStreamIT {

    private static final Duration BOUND = Duration.ofSeconds(15);
    private static final int PER_ADDRESS = 30;
    private static final int PER_USER = 25;
    private static final String PAD = "x".repeat(40_000);

    private static ServerProcess server;

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.channels[4].pattern=news:*",
                        "starling.channels[4].subscribe=anyone",
                        "starling.channels[4].publish=anyone",
                        "starling.channels[4].history-size=100",
                        "starling.channels[5].pattern=lossy:*",
                        "starling.channels[5].subscribe=anyone",
                        "starling.channels[5].publish=anyone",
                        "starling.channels[5].history-size=10",
                        "starling.channels[5].overflow=drop-oldest",
                        "starling.channels[5].overflow-size=5",
                        "starling.channels[6].pattern=room:*",
                        "starling.channels[6].subscribe=anyone",
                        "starling.channels[6].publish=anyone",
                        "starling.channels[6].presence=true",
                        "starling.channels[6].join-leave=true",
                        "starling.security.allowed-origins=https://app.example",
                        "starling.limits.max-connections-per-ip=" + PER_ADDRESS,
                        "starling.limits.max-connections-per-user=" + PER_USER,
                        "starling.limits.connect-rate=0",
                        "starling.limits.message-rate=0",
                        "starling.limits.max-backlog=256KB",
                        "starling.limits.send-buffer=16KB",
                        "starling.heartbeat.interval=60s",
                        "starling.heartbeat.timeout=60s")
                .jvm("-Xmx96m", "-XX:MaxDirectMemorySize=64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
                .start();
    }

    @AfterAll
    static void stop() {
        assertThat(server.newFaults()).isEmpty();
        server.close();
    }

    @AfterEach
    void leave() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        Awaitility.await("all connections are gone")
                .atMost(BOUND)
                .until(() -> server.metrics().value("ws_connections_active") == 0
                        && server.metrics().value("ws_connections_streams") == 0);
    }

    @Test
    void messagesComeInOrderEachWithThePlaceToComeBackTo() {
        EventStream stream = keep(EventStream.open(server, "news:order"));
        ClientSession writer = writer();
        EventStream.Event welcome = stream.next();
        EventStream.Event subscribed = stream.next();
        assertThat(welcome.type()).isEqualTo("welcome");
        assertThat(welcome.retryMillis()).isBetween(1000L, 2000L);
        assertThat(welcome.json().get("heartbeat").asInt()).isEqualTo(60_000);
        assertThat(subscribed.type()).isEqualTo("subscribed");
        assertThat(subscribed.json().get("offset").asInt()).isZero();
        String epoch = subscribed.json().get("epoch").asString();
        assertThat(subscribed.id()).isEqualTo(epoch + ":0");

        for (int i = 1; i <= 50; i++) {
            writer.publish("news:order", "{\"n\":" + i + "}");
        }

        for (int i = 1; i <= 50; i++) {
            EventStream.Event message = stream.next();
            assertThat(message.type()).isEqualTo("message");
            assertThat(message.id()).isEqualTo(epoch + ":" + i);
            assertThat(message.data())
                    .isEqualTo("{\"type\":\"message\",\"channel\":\"news:order\",\"data\":{\"n\":" + i + "},\"offset\":"
                            + i + "}");
        }
    }

    @Test
    void aChannelWithoutHistoryHasNoPlaces() {
        EventStream stream = subscribed("open:plain");

        writer().publish("open:plain", "\"Grüße\"");

        assertThat(stream.next())
                .isEqualTo(new EventStream.Event(
                        "message", "", 0, "{\"type\":\"message\",\"channel\":\"open:plain\",\"data\":\"Grüße\"}"));
    }

    @Test
    void lineBreaksOfThePublisherAreNoEndOfTheEvent() {
        EventStream stream = subscribed("open:lines");

        writer().publish("open:lines", "{\n  \"a\": 1,\r\n\n\t\"b\":\r[2]\n}").publish("open:lines", "3");

        EventStream.Event message = stream.next();
        assertThat(message.data()).contains("\"data\":{\n  \"a\": 1,\n\n\t\"b\":\n[2]\n}}");
        assertThat(message.json().get("data").get("b").get(0).asInt()).isEqualTo(2);
        assertThat(stream.next().json().get("data").asInt()).isEqualTo(3);
    }

    @Test
    void theHeadSaysThatNothingIsToBeKeptBackAndThatTheConnectionEnds() throws Exception {
        HttpResponse<InputStream> answer =
                EventStream.ask(server.port(), EventStream.path("open:head"), Tokens.standard(), "Accept", "text/*");
        keep(answer.body());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-store");
        assertThat(answer.headers().firstValue("X-Accel-Buffering")).hasValue("no");
        assertThat(answer.headers().firstValue("Connection")).hasValue("close");
        assertThat(answer.headers().map()).doesNotContainKeys("content-length", "transfer-encoding");
    }

    @Test
    void whoComesBackGetsWhatItMissedAndThenWhatIsLive() {
        ClientSession writer = writer();
        String epoch = publish(writer, "news:back", 20);
        for (EventStream back : List.of(
                EventStream.open(server, "news:back", "Last-Event-ID", epoch + ":5"),
                EventStream.open(
                        server, EventStream.path("news:back") + "?lastEventId=" + epoch + ":5", Tokens.standard()))) {
            keep(back);
            JsonNode subscribed = back.await("subscribed").json();
            assertThat(subscribed.get("recovered").asBoolean()).isTrue();
            assertThat(subscribed.get("offset").asInt()).isEqualTo(5);
            for (int i = 6; i <= 20; i++) {
                assertThat(back.await("message").id()).isEqualTo(epoch + ":" + i);
            }
        }

        publish(writer, "news:back", 1);

        open.stream()
                .filter(EventStream.class::isInstance)
                .map(EventStream.class::cast)
                .forEach(back -> assertThat(back.await("message").id()).isEqualTo(epoch + ":21"));
    }

    @Test
    void theHeaderOfTheBrowserCountsMoreThanTheAddressThatItKeeps() {
        String epoch = publish(writer(), "news:both", 3);
        String path = EventStream.path("news:both") + "?lastEventId=" + epoch + ":0";

        EventStream back = keep(EventStream.open(server, path, Tokens.standard(), "Last-Event-ID", epoch + ":2"));

        assertThat(back.await("message").id()).isEqualTo(epoch + ":3");
    }

    @Test
    void whatCannotBeRecoveredIsSaid() {
        String epoch = publish(writer(), "news:lost", 150);
        for (String place : List.of("another:140", epoch + ":151", epoch + ":20")) {
            EventStream back = keep(EventStream.open(server, "news:lost", "Last-Event-ID", place));

            EventStream.Event subscribed = back.await("subscribed");
            assertThat(subscribed.json().get("recovered").asBoolean()).isFalse();
            assertThat(subscribed.id()).isEqualTo(epoch + ":150");
        }
        EventStream plain = keep(EventStream.open(server, "open:lost", "Last-Event-ID", "e:1"));
        assertThat(plain.await("subscribed").json().get("recovered").asBoolean())
                .isFalse();
        writer().publish("open:lost", "1");
        plain.await("message");
    }

    @Test
    void aRoomTellsWhoComesAndGoesAndCountsTheStream() {
        EventStream stream = subscribed("room:a");
        stream.await(event -> event.type().equals("join") && event.data().contains("\"alice\""));

        ClientSession bob =
                ClientSession.open(server, Tokens.standard().subject("bob").sign());
        keep(bob);
        bob.await("welcome");
        bob.subscribe("room:a");
        stream.await(event -> event.type().equals("join") && event.data().contains("\"bob\""));
        JsonNode members =
                bob.send("{\"type\":\"presence\",\"channel\":\"room:a\"}").await("presence");
        assertThat(members.get("count").asInt()).isEqualTo(2);
        bob.leave();

        stream.await(event -> event.type().equals("leave") && event.data().contains("\"bob\""));
    }

    @Test
    void aChannelMayHaveWhatAPathMustNot() {
        EventStream stream = keep(EventStream.open(server, "open:a%2Fb%3Bc%25d"));
        stream.await("subscribed");

        writer().publish("open:a/b;c%d", "7");

        assertThat(stream.await("message").json().get("data").asInt()).isEqualTo(7);
    }

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
        problem(server.get(granted), 401, "no_token");
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

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"})
    void whatAClientSaysAfterItsRequestIsNotHeard(String more) {
        RawClient client = keep(RawClient.connect(server.port()));
        String token = Tokens.standard().sign();
        client.send(("GET " + EventStream.path("open:talks") + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                        + token + "\r\n\r\n" + more)
                .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        assertThat(client.answer().status()).isEqualTo(200);
        client.send(RawFrame.text("more").encode());
        EventStream listener = subscribed("open:talks");

        writer().publish("open:talks", "1");

        listener.await("message");
        assertThat(server.metrics().value("ws_connections_streams")).isEqualTo(2);
    }

    @Test
    void aProxyOfHttp10IsServed() {
        RawClient client = keep(RawClient.connect(server.port()));
        String token = Tokens.standard().sign();
        client.send(("GET " + EventStream.path("open:old") + " HTTP/1.0\r\nAuthorization: Bearer " + token + "\r\n\r\n")
                .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));

        HttpAnswer answer = client.answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("transfer-encoding")).isNull();
    }

    @Test
    void slowReadersAreCutWhileOthersGoOn() {
        List<EventStream> stalled = new ArrayList<>();
        EventStream reader = subscribed("open:flood");
        for (int i = 0; i < 10; i++) {
            stalled.add(keep(EventStream.stalled(server, "open:flood")));
        }
        ClientSession writer = writer();
        double before = server.metrics().value("ws_slow_consumers_total");

        for (int i = 0; i < 300; i++) {
            writer.publish("open:flood", '"' + (i + "-" + PAD) + '"');
            assertThat(reader.await("message").data()).contains("\"data\":\"" + i + "-");
        }

        Awaitility.await()
                .atMost(BOUND)
                .until(() -> server.metrics().value("ws_slow_consumers_total") == before + stalled.size());
        assertClosed("stalled", 4001, "server");
        BadInputIT.assertHealthy(server);
    }

    @Test
    void whereMessagesAreDroppedASlowReaderIsToldSoAndLives() {
        EventStream slow = keep(EventStream.stalled(server, "lossy:a"));
        EventStream reader = subscribed("lossy:a");
        ClientSession writer = writer();
        for (int i = 1; i <= 300; i++) {
            writer.publish("lossy:a", '"' + (i + "-" + PAD) + '"');
            reader.await("message");
        }

        slow.read();

        slow.await("welcome");
        slow.await("subscribed");
        long at = 0;
        boolean hasGap = false;
        while (at < 300) {
            EventStream.Event event = slow.next();
            boolean isGap = event.type().equals("gap");
            hasGap |= isGap;
            assertThat(event.json().get(isGap ? "from" : "offset").asLong()).isEqualTo(at + 1);
            at = event.json().get(isGap ? "to" : "offset").asLong();
            assertThat(event.id()).as("where the client is now").endsWith(":" + at);
        }
        assertThat(hasGap).isTrue();
    }

    private <T extends AutoCloseable> T keep(T closed) {
        open.add(closed);
        return closed;
    }

    private EventStream subscribed(String channel) {
        EventStream stream = keep(EventStream.open(server, channel));
        stream.await("welcome");
        stream.await("subscribed");
        return stream;
    }

    private ClientSession writer() {
        ClientSession writer = keep(ClientSession.open(server));
        writer.await("welcome");
        return writer;
    }

    /** Publishes one after the other, and returns the epoch. */
    private static String publish(ClientSession session, String channel, int count) {
        String epoch = "";
        for (int i = 1; i <= count; i++) {
            session.send("{\"type\":\"publish\",\"channel\":\"" + channel + "\",\"data\":" + i + ",\"id\":" + i + "}");
            epoch = session.await("published").path("epoch").asString();
        }
        return epoch;
    }

    private static HttpAnswer ask(RawClient client, String user, String channel, String... headerLines) {
        List<String> lines = new ArrayList<>(List.of(headerLines));
        lines.add("Authorization: Bearer " + Tokens.standard().subject(user).sign());
        return client.request("GET", EventStream.path(channel), lines.toArray(String[]::new));
    }

    private static HttpResponse<String> get(String path, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Authorization");
        all.add("Bearer " + Tokens.standard().sign());
        return server.get(path, all.toArray(String[]::new));
    }

    private static void assertClosed(String user, int code, String initiator) {
        Awaitility.await().atMost(BOUND).untilAsserted(() -> {
            JsonNode items =
                    ApiClient.of(server).ask("/api/closes?query=" + user).get("items");
            assertThat(items.isEmpty()).isFalse();
            assertThat(items.get(0).get("code").asInt()).isEqualTo(code);
            assertThat(items.get(0).get("initiator").asString()).isEqualTo(initiator);
        });
    }
}
