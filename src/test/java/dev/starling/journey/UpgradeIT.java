package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a connection begins, or is refused, by its token. */
class UpgradeIT {

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = StandardServer.get();
    }

    @Test
    void tokenInTheAuthorizationHeaderOpens() {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = client.upgrade("/ws", "Authorization: Bearer " + valid());

            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.header("sec-websocket-protocol")).isNull();
        }
    }

    @Test
    void tokenInTheSubprotocolsOpensAndIsNotRepeatedInTheAnswer() {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = client.upgrade("/ws", "Sec-WebSocket-Protocol: starling.v1, bearer." + valid());

            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.header("sec-websocket-protocol")).isEqualTo("starling.v1");
        }
    }

    @Test
    void tokenInTheQueryOpens() {
        try (RawClient client = RawClient.connect(server.port())) {
            assertThat(client.upgrade("/ws?access_token=" + valid()).status()).isEqualTo(101);
        }
    }

    /** As behind a proxy that asks for a password. */
    @ParameterizedTest
    @ValueSource(strings = {"Basic YTpi", "Digest username=\"a\"", "Bearerish x"})
    void headerOfAnotherSchemeHidesNoToken(String other) {
        String token = Tokens.standard().scope("read").sign();
        String line = "Authorization: " + other;
        try (RawClient query = RawClient.connect(server.port());
                RawClient header = RawClient.connect(server.port());
                RawClient subprotocol = RawClient.connect(server.port());
                RawClient stream = RawClient.connect(server.port());
                RawClient api = RawClient.connect(server.port())) {
            assertThat(query.upgrade("/ws?access_token=" + token, line).status())
                    .isEqualTo(101);
            assertThat(header.upgrade("/ws", line, "authorization: BEARER " + token)
                            .status())
                    .isEqualTo(101);
            assertThat(subprotocol
                            .upgrade("/ws", line, "Sec-WebSocket-Protocol: starling.v1, bearer." + token)
                            .status())
                    .isEqualTo(101);
            assertThat(stream.request("GET", "/api/channels/open:x/events?access_token=" + token, line)
                            .status())
                    .isEqualTo(200);
            assertThat(api.request("GET", "/api/channels?access_token=" + token, line)
                            .status())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ws", "/api/channels/open:x/events", "/api/channels"})
    void tokensThatDifferAreABadRequest(String path) {
        String other = Tokens.standard().subject("bob").sign();
        try (RawClient two = RawClient.connect(server.port());
                RawClient query = RawClient.connect(server.port());
                RawClient twice = RawClient.connect(server.port())) {
            String line = "Authorization: Bearer " + valid();
            for (HttpAnswer answer : List.of(
                    two.request("GET", path, line, "Authorization: Bearer " + other),
                    query.request("GET", path + "?access_token=" + other, line),
                    twice.request("GET", path + "?access_token=" + other + "&access_token=x"))) {
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.json().get("code").asString()).isEqualTo("several_tokens");
                assertThat(answer.header("www-authenticate")).isEqualTo("Bearer error=\"invalid_request\"");
                assertThat(answer.body()).doesNotContain("eyJ");
            }
        }
    }

    @Test
    void subprotocolIsChosenWhenOffered() {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer =
                    client.upgrade("/ws", "Sec-WebSocket-Protocol: starling.v1", "Authorization: Bearer " + valid());

            assertThat(answer.header("sec-websocket-protocol")).isEqualTo("starling.v1");
        }
    }

    @Test
    void welcomeIsTheFirstFrame() {
        try (RawClient client = RawClient.connect(server.port())) {
            client.upgrade("/ws", "Authorization: Bearer " + valid());

            assertThat(client.read().orElseThrow().text())
                    .contains("\"type\":\"welcome\"", "\"connection\":\"", "\"node\":\"")
                    .contains("\"heartbeat\":30000", "\"maxMessageBytes\":65536", "\"expiresIn\":");
        }
    }

    @Test
    void plainGetByWhoWouldBeLetInIsToldToUpgrade() {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = client.request("GET", "/ws", "Authorization: Bearer " + valid());

            assertThat(answer.status()).isEqualTo(426);
            assertThat(answer.header("upgrade")).isEqualTo("websocket");
            assertThat(answer.header("content-type")).startsWith("application/problem+json");
            assertThat(answer.json().get("code").asString()).isEqualTo("upgrade_required");
            assertThat(client.upgrade("/ws", "Authorization: Bearer " + valid()).status())
                    .as("the same connection")
                    .isEqualTo(101);
        }
    }

    @Test
    void anotherVersionOfWebSocketIsToldWhichThereIs() {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = client.request(
                    "GET",
                    "/ws",
                    "Authorization: Bearer " + valid(),
                    "Connection: Upgrade",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Version: 8",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

            assertThat(answer.status()).isEqualTo(426);
            assertThat(answer.header("sec-websocket-version")).isEqualTo("13");
            assertThat(answer.json().get("code").asString()).isEqualTo("upgrade_required");
        }
    }

    static Stream<Arguments> refused() {
        byte[] otherKey = "another-secret-that-is-as-long-as-needed".getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                Arguments.of("no token", ""),
                Arguments.of("garbage", "Authorization: Bearer nonsense"),
                Arguments.of("no bearer", "Authorization: Basic YTpi"),
                Arguments.of("an empty token", "Authorization: Bearer "),
                Arguments.of("an expired token", bearer(Tokens.standard().expires(Duration.ofMinutes(-5)))),
                Arguments.of("a token of the future", bearer(Tokens.standard().notBefore(Duration.ofMinutes(5)))),
                Arguments.of("another key", bearer(Tokens.secret(otherKey))),
                Arguments.of(
                        "no algorithm",
                        "Authorization: Bearer " + Tokens.standard().unsigned()),
                Arguments.of("a cut signature", "Authorization: Bearer " + valid().substring(0, valid().length() - 4)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void badTokenIsAnsweredAsPlainHttp(String name, String header) {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = header.isEmpty() ? client.upgrade("/ws") : client.upgrade("/ws", header);

            assertThat(answer.status()).as(name).isEqualTo(401);
            assertThat(answer.header("content-type")).startsWith("application/problem+json");
            assertThat(answer.json().get("status").asInt()).isEqualTo(401);
            assertThat(answer.body()).doesNotContain("Exception", "eyJ");
        }
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = header.isEmpty() ? client.request("GET", "/ws") : client.request("GET", "/ws", header);

            assertThat(answer.status()).as("%s, asked plainly", name).isEqualTo(401);
            assertThat(answer.json().get("code").asString()).isIn("no_token", "invalid_token");
        }
    }

    private static String valid() {
        return Tokens.standard().sign();
    }

    private static String bearer(Tokens token) {
        return "Authorization: Bearer " + token.sign();
    }
}
