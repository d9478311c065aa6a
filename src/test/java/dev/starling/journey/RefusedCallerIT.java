package dev.starling.journey;

import static dev.starling.journey.ApiClient.json;
import static dev.starling.journey.ApiClient.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever is refused can do nothing more on any node, also with requests that go on. */
class RefusedCallerIT {

    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final String KEY_HEADER = "X-API-Key: " + ApiClient.KEY;

    private static ServerProcess alone;

    @BeforeAll
    static void start() {
        alone = ServerLaunch.with(ApiClient.KEY_PROPERTIES)
                .and("starling.security.token-grace=1s", "starling.security.max-token-lifetime=2h")
                .start();
    }

    @AfterAll
    static void stop() {
        assertThat(alone.newFaults()).isEmpty();
        alone.close();
    }

    @Test
    void refusedKeyOpensNothingUntilThatIsLifted() {
        refuseKey(List.of(alone));
    }

    @Test
    void refusedKeyOpensNothingOnOtherNodesEither() {
        refuseKey(Nodes.shared().all());
    }

    private static void refuseKey(List<ServerProcess> nodes) {
        ServerProcess first = nodes.get(0);
        ServerProcess last = nodes.get(nodes.size() - 1);
        try (RawClient stream = RawClient.connect(last.port());
                Lines lines = new Lines(last, KEY_HEADER)) {
            assertThat(stream.request("GET", "/api/channels/open:key/events", KEY_HEADER)
                            .status())
                    .isEqualTo(200);
            assertThat(lines.publish()).contains("\"index\":0").doesNotContain("error");
            json(refuse(first, "user/key:billing"));

            assertThat(stream.endedAfterRest(BOUND))
                    .as("the event stream has ended")
                    .isTrue();
            Awaitility.await().atMost(BOUND).until(() -> lines.publish().contains("\"code\":\"invalid_token\""));
            assertThat(lines.haveEnded()).isTrue();
            for (ServerProcess node : nodes) {
                ApiClient backend = ApiClient.withKey(node, ApiClient.KEY);
                problem(backend.post("/api/channels/open:key/messages", "1"), 401, "invalid_token");
                problem(backend.post("/api/messages", "{}"), 401, "invalid_token");
                problem(backend.get("/api/channels"), 401, "invalid_token");
            }
        } finally {
            assertThat(operator(last)
                            .send("DELETE", "/api/refusals/user/key:billing", "")
                            .statusCode())
                    .isEqualTo(204);
        }
        for (ServerProcess node : nodes) {
            Awaitility.await()
                    .atMost(BOUND)
                    .until(() -> ApiClient.withKey(node, ApiClient.KEY)
                                    .post("/api/channels/open:key/messages", "1")
                                    .statusCode()
                            == 200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "token"})
    void refusedTokenPublishesNoMoreLines(String kind) {
        String name = "lines-" + kind;
        Tokens token = Tokens.standard().subject(name).id(name).scope("publish").publish("open:*");
        try (Lines lines = new Lines(alone, "Authorization: Bearer " + token.sign())) {
            assertThat(lines.publish()).contains("\"index\":0").doesNotContain("error");
            json(refuse(alone, kind + "/" + name));

            assertThat(lines.publish()).contains("\"index\":1", "\"code\":\"invalid_token\"");
            assertThat(lines.haveEnded()).isTrue();
        }
    }

    @Test
    void subscriptionEndsWithTheTokenThatItStandsBy() {
        String granted = Tokens.standard().id("granted").channels("token:a").sign();
        String kept = Tokens.standard().id("kept").channels("token:b").sign();
        try (ClientSession session = ClientSession.open(alone)) {
            session.await("welcome");
            for (String[] subscription : new String[][] {{"token:a", granted}, {"token:b", kept}}) {
                session.send("{\"type\":\"subscribe\",\"channel\":\"" + subscription[0] + "\",\"token\":\""
                        + subscription[1] + "\"}");
                session.await("subscribed");
            }
            json(refuse(alone, "token/granted"));

            assertThat(session.await("error").get("channel").asString()).isEqualTo("token:a");
            session.send("{\"type\":\"unsubscribe\",\"channel\":\"token:a\"}");
            assertThat(session.await("error").get("code").asInt()).isEqualTo(103);
            session.send("{\"type\":\"unsubscribe\",\"channel\":\"token:b\"}").await("unsubscribed");
            session.send("{\"type\":\"subscribe\",\"channel\":\"token:a\",\"token\":\"" + granted + "\"}");
            assertThat(session.await("error").get("code").asInt()).isEqualTo(112);
        }
    }

    /** The grace is a second. */
    @Test
    void expiredTokenPublishesNoMoreLines() {
        Tokens token = Tokens.standard()
                .expires(Duration.ofSeconds(2))
                .scope("publish")
                .publish("open:*");
        try (Lines lines = new Lines(alone, "Authorization: Bearer " + token.sign())) {
            assertThat(lines.publish()).doesNotContain("error");

            Awaitility.await().atMost(BOUND).until(() -> lines.publish().contains("\"code\":\"invalid_token\""));
            assertThat(lines.haveEnded()).isTrue();
        }
    }

    @Test
    void tokensHaveToExpireWhereTheirLifeIsBounded() {
        for (Tokens forever :
                List.of(Tokens.standard().forever(), Tokens.standard().expires(Duration.ofHours(3)))) {
            assertThat(upgrade(forever)).isEqualTo(401);
        }
        assertThat(upgrade(Tokens.standard())).isEqualTo(426);
    }

    static Stream<String> everyUserCanBeRefused() {
        return Stream.of(
                "DOMAIN\\user",
                "line\u2028separator",
                "a/../b",
                "a/b",
                "a//b",
                "a;b=c",
                "a b",
                "100%2e",
                "a?b#c&d",
                "\u00fc\u20ac\ud83d\ude00",
                "\u20ac".repeat(255),
                "key:nobody",
                "developer");
    }

    @ParameterizedTest
    @MethodSource
    void everyUserCanBeRefused(String user) {
        Tokens token = Tokens.standard().subject(user);
        assertThat(upgrade(token)).isEqualTo(426);

        assertThat(json(refuse(alone, "user/" + encoded(user))).get("name").asString())
                .isEqualTo(user);
        assertThat(upgrade(token)).isEqualTo(401);

        assertThat(operator(alone)
                        .send("DELETE", "/api/refusals/user/" + encoded(user), "")
                        .statusCode())
                .isEqualTo(204);
        assertThat(upgrade(token)).isEqualTo(426);
    }

    private static HttpResponse<String> refuse(ServerProcess node, String what) {
        long until = System.currentTimeMillis() + TimeUnit.MINUTES.toMillis(5);
        return operator(node).send("PUT", "/api/refusals/" + what + "?until=" + until, "");
    }

    private static ApiClient operator(ServerProcess node) {
        return ApiClient.with(node, Tokens.standard().subject("operator").scope("ops"));
    }

    private static int upgrade(Tokens token) {
        return alone.get("/ws", "Authorization", "Bearer " + token.sign()).statusCode();
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace(".", "%2E");
    }

    /** A request that publishes one line at a time, and reads what became of it. */
    private static final class Lines implements AutoCloseable {

        private final RawClient client;
        private boolean answered;

        Lines(ServerProcess node, String credentials) {
            client = RawClient.connect(node.port());
            client.send(("POST /api/messages HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                            + "Content-Type: application/x-ndjson\r\n" + credentials + "\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
        }

        String publish() {
            String line = "{\"channel\":\"open:lines\",\"data\":0}\n";
            client.send((Integer.toHexString(line.length()) + "\r\n" + line + "\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            if (!answered) {
                answered = true;
                assertThat(client.answer().status()).isEqualTo(200);
            }
            return client.readChunk();
        }

        /** Whether the answer is complete, or the connection has ended. */
        boolean haveEnded() {
            return client.readChunk().isEmpty();
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
