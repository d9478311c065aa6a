package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule of RFC 6455, section 4.2.1, and what HTTP/1.1 says of the requests that carry a handshake. */
class HandshakeIT {

    private static final String LINE = "GET /ws HTTP/1.1|";
    private static final String HOST = "Host: localhost|";
    private static final String CONNECTION = "Connection: Upgrade|";
    private static final String UPGRADE = "Upgrade: websocket|";
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|";
    private static final String VERSION = "Sec-WebSocket-Version: 13|";
    private static final String REST = CONNECTION + UPGRADE + KEY + VERSION;

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = StandardServer.get();
    }

    @AfterEach
    void serverIsUnimpressed() {
        BadInputIT.assertHealthy(server);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                LINE + HOST + REST,
                "GET /ws HTTP/1.2|" + HOST + REST,
                "GET http://localhost/ws HTTP/1.1|" + HOST + REST,
                LINE + "Host: localhost:8080|" + REST,
                LINE + "Host: [::1]:8080|" + REST,
                LINE + "host:   LOCALHOST  |" + REST,
                LINE + HOST + "Connection: UPGRADE|" + UPGRADE + KEY + VERSION,
                LINE + HOST + "Connection: keep-alive, uPgRaDe|" + UPGRADE + KEY + VERSION,
                LINE + HOST + "Connection: ,keep-alive,,Upgrade,|" + UPGRADE + KEY + VERSION,
                LINE + HOST + "Connection: keep-alive|connection: upgrade|" + UPGRADE + KEY + VERSION,
                LINE + HOST + CONNECTION + "Upgrade: WebSocket|" + KEY + VERSION,
                LINE + HOST + CONNECTION + "Upgrade: h2c, websocket|" + KEY + VERSION,
                LINE + HOST + CONNECTION + "Upgrade: foo/1|Upgrade: WEBSOCKET, bar|" + KEY + VERSION,
                LINE + HOST + CONNECTION + UPGRADE + "Sec-WebSocket-Key:   AAAAAAAAAAAAAAAAAAAAAA==  |" + VERSION,
                LINE + HOST + REST + "Content-Length: 0|",
                LINE + HOST + REST + "X-Unknown: ?|Sec-WebSocket-Protocol: chat|Sec-WebSocket-Extensions: foo|",
            })
    void handshakeOfTheStandardIsTaken(String head) {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = ask(client, head, "");

            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.header("upgrade")).isEqualToIgnoringCase("websocket");
            assertThat(answer.header("connection")).isEqualToIgnoringCase("upgrade");
            client.send("{\"type\":\"ping\"}").awaitText("\"pong\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                LINE + "Host:|" + REST,
                LINE + HOST + UPGRADE + KEY + VERSION,
                LINE + HOST + "Connection: keep-alive|" + UPGRADE + KEY + VERSION,
                LINE + HOST + "Connection: upgrades|" + UPGRADE + KEY + VERSION,
                LINE + HOST + CONNECTION + UPGRADE + VERSION,
                LINE + HOST + REST + KEY,
                LINE + HOST + CONNECTION + UPGRADE + VERSION + "Sec-WebSocket-Key:|",
                LINE + HOST + CONNECTION + UPGRADE + VERSION + "Sec-WebSocket-Key: AAAA|",
                LINE + HOST + CONNECTION + UPGRADE + VERSION + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ|",
                LINE + HOST + CONNECTION + UPGRADE + VERSION + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZXM=|",
                LINE + HOST + CONNECTION + UPGRADE + VERSION + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZXM0|",
                LINE + HOST + CONNECTION + UPGRADE + VERSION + "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==|",
            })
    void brokenHandshakeIsToldWhichRuleItBreaks(String head) {
        double before = server.metrics().value("ws_upgrade_refused_total", "reason=\"bad_handshake\"");
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = ask(client, head, "");

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().get("code").asString()).isEqualTo("bad_handshake");
            assertThat(answer.json().get("detail").asString()).isNotEmpty();
            assertThat(ask(client, LINE + HOST + REST, "").status())
                    .as("the same connection")
                    .isEqualTo(101);
        }
        assertThat(server.metrics().value("ws_upgrade_refused_total", "reason=\"bad_handshake\""))
                .isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5|", "Transfer-Encoding: chunked|"})
    void handshakeWithContentIsRefusedAndWhatFollowsIsNoFrame(String framing) {
        String body = framing.startsWith("C") ? "hello" : "5\r\nhello\r\n0\r\n\r\n";
        try (RawClient client = RawClient.connect(server.port())) {
            assertThat(ask(client, LINE + HOST + REST + framing, body).status()).isEqualTo(400);
            assertThat(ask(client, LINE + HOST + REST, "").status())
                    .as("the same connection")
                    .isEqualTo(101);
        }
        try (RawClient client = RawClient.connect(server.port())) {
            assertThat(ask(client, LINE + HOST + REST + framing, "").status())
                    .as("before the content")
                    .isEqualTo(400);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /ws HTTP/1.0|" + REST,
                "GET /ws HTTP/1.0|" + HOST + REST,
                LINE + HOST,
                LINE + HOST + CONNECTION + "Upgrade: websocket/13|" + KEY + VERSION,
                LINE + HOST + CONNECTION + "Upgrade: h2c|" + KEY + VERSION,
                LINE + HOST + CONNECTION + UPGRADE + KEY,
                LINE + HOST + CONNECTION + UPGRADE + KEY + "Sec-WebSocket-Version: 8|",
                LINE + HOST + CONNECTION + UPGRADE + KEY + "Sec-WebSocket-Version: 14|",
                LINE + HOST + CONNECTION + UPGRADE + KEY + "Sec-WebSocket-Version: 013|",
                LINE + HOST + CONNECTION + UPGRADE + KEY + "Sec-WebSocket-Version: 13, 8|",
                LINE + HOST + CONNECTION + UPGRADE + KEY + "Sec-WebSocket-Version: |",
                LINE + HOST + REST + VERSION,
            })
    void whatIsNoUpgradeToThisVersionIsToldWhichThereIs(String head) {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = ask(client, head, "");

            assertThat(answer.status()).isEqualTo(426);
            assertThat(answer.header("upgrade")).isEqualTo("websocket");
            assertThat(answer.header("sec-websocket-version")).isEqualTo("13");
            assertThat(answer.json().get("code").asString()).isEqualTo("upgrade_required");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
    void methodIsGet(String method) {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = ask(client, method + " /ws HTTP/1.1|" + HOST + REST + "Content-Length: 0|", "");

            assertThat(answer.status()).isEqualTo(405);
            assertThat(answer.header("allow")).isEqualTo("GET");
        }
    }

    /** RFC 9112, section 3.2: with whatever else a request is. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                LINE + REST,
                "GET http://localhost/ws HTTP/1.1|" + REST,
                LINE + HOST + HOST + REST,
                LINE + HOST + "host: localhost|" + REST,
                LINE + "Host: local host|" + REST,
                LINE + "Host: localhost/ws|" + REST,
                LINE + "Host: user@localhost|" + REST,
                LINE + "Host: localhost:80a|" + REST,
                LINE + "Host: [::1|" + REST,
                LINE + "Host: http://localhost|" + REST,
                LINE + HOST + "Host:|" + REST,
                "GET /api/node HTTP/1.1|",
                "GET /readyz HTTP/1.1|" + HOST + HOST,
                "POST /api/messages HTTP/1.1|Content-Length: 0|",
            })
    void requestThatNamesNoHostOrTwoIsBad(String head) {
        try (RawClient client = RawClient.connect(server.port())) {
            assertThat(ask(client, head, "").status()).isEqualTo(400);
            assertThat(client.awaitEnd(Duration.ofSeconds(5))).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sec-WebSocket-Protocol: starling.v1|",
                "Sec-WebSocket-Protocol: graphql-ws, starling.v1|",
                "Sec-WebSocket-Protocol: graphql-ws,starling.v1,chat|",
                "Sec-WebSocket-Protocol: chat|Sec-WebSocket-Protocol: starling.v1|",
                "Sec-WebSocket-Protocol: chat, , graphql-ws|sec-websocket-protocol: x ,\tstarling.v1|",
            })
    void subprotocolIsChosenFromTheWholeList(String offers) {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = ask(client, LINE + HOST + REST + offers, "");

            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.header("sec-websocket-protocol")).isEqualTo("starling.v1");
        }
    }

    @Test
    void subprotocolsAreCaseSensitiveAndNoneIsChosenThatWasNotOffered() {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = ask(client, LINE + HOST + REST + "Sec-WebSocket-Protocol: chat, Starling.V1|", "");

            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.header("sec-websocket-protocol")).isNull();
        }
    }

    @Test
    void tokenMayStandAnywhereAmongTheSubprotocols() {
        String token = Tokens.standard().sign();
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer =
                    client.upgrade("/ws", "Sec-WebSocket-Protocol: graphql-ws, starling.v1, bearer." + token);

            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.header("sec-websocket-protocol")).isEqualTo("starling.v1");
        }
    }

    /** Sends a request, whose header lines end with a bar, with a valid token. */
    private static HttpAnswer ask(RawClient client, String head, String body) {
        return client.send(bytes(head, body)).answer();
    }

    private static byte[] bytes(String head, String body) {
        String token = "Authorization: Bearer " + Tokens.standard().sign();
        return (head.replace("|", "\r\n") + token + "\r\n\r\n" + body).getBytes(StandardCharsets.ISO_8859_1);
    }
}
