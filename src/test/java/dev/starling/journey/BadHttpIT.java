package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong before there is a WebSocket. The handshake has two seconds, see {@link StandardServer}. */
class BadHttpIT {

    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final Duration CUT = Duration.ofSeconds(8);

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = StandardServer.get();
    }

    @AfterEach
    void serverIsUnimpressed() {
        BadInputIT.assertHealthy(server);
    }

    @Test
    void garbageInsteadOfHttpIsRefused() {
        byte[] garbage = new byte[2000];
        new Random(42).nextBytes(garbage);
        garbage[garbage.length - 1] = '\n';
        try (RawClient client = RawClient.connect(server.port())) {
            client.send(garbage).send("\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            assertThat(client.answer().status()).isIn(0, 400, 414, 431);
        }
    }

    /** Each costs one answer with a code and the connection, is counted, and leaves no warning in the log. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "400 invalid_request GARBAGE",
                "400 invalid_request GET /livez HTTP/1.1|Host: a|no header",
                "400 invalid_request GET /livez HTTP/1.1|Host: a|X-\0: 1",
                "400 invalid_request GET /livez HTTP/1.1|Host: a|Content-Length: x",
                "400 invalid_request GET /livez HTTP/1.1|Host: a|Content-Length: 1|Content-Length: 2",
                "400 invalid_request GET /livez HTTP/1.1",
                "400 invalid_request GET /livez HTTP/1.1|Host: a|Host: b",
                "400 invalid_request GET /livez HTTP/1.1|Host: a b",
                "400 invalid_request GET /livez HTTP/1.1|Host: a:65536",
                "400 invalid_request GET /livez HTTP/1.1|Host: a:99999999999",
                "400 invalid_request GET /livez HTTP/2.0|Host: a",
                "400 invalid_request PRI * HTTP/2.0",
                "400 invalid_request GET /livez HTTP/99999999999.1|Host: a",
                "400 invalid_path GET /%zz HTTP/1.1|Host: a",
                "400 invalid_path GET /a{b} HTTP/1.1|Host: a",
                "400 invalid_path GET /livez?a=^ HTTP/1.1|Host: a",
                "400 invalid_path GET http://[::x/livez HTTP/1.1|Host: a",
                "400 invalid_path GET x:y:%z HTTP/1.1|Host: a",
                "414 uri_too_long GET /LONG HTTP/1.1|Host: a",
                "431 headers_too_long GET /livez HTTP/1.1|Host: a|X-Filler: LONG",
                "400 invalid_request POST /api/messages HTTP/1.1|Host: a|Transfer-Encoding: chunked|X-API-Key: "
                        + ApiClient.KEY + "|Content-Type: application/json||zz",
            })
    void whatIsNoHttpIsRefusedInItsTurnAndCountedAndNotLogged(String words) {
        double before = badRequests();
        int lines = server.log().lines().size();
        String[] parts = words.split(" ", 3);
        String bad = parts[2].replace("|", "\r\n").replace("LONG", "x".repeat(20_000)) + "\r\n\r\n";
        String good = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
        try (RawClient client = RawClient.connect(server.port())) {
            client.send((good + good + bad + good).getBytes(StandardCharsets.ISO_8859_1));

            assertThat(client.answer().status()).isEqualTo(200);
            assertThat(client.answer().status()).isEqualTo(200);
            HttpAnswer answer = client.answer();
            assertThat(answer.status()).as(answer.body()).isEqualTo(Integer.parseInt(parts[0]));
            assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
            assertThat(answer.json().get("code").asString()).isEqualTo(parts[1]);
            assertThat(client.endedWithin(CUT)).isTrue();
        }
        assertThat(badRequests()).isEqualTo(before + 1);
        assertThat(server.log().lines().stream().skip(lines))
                .noneMatch(line -> line.contains(" WARN ") || line.contains(" ERROR "));
    }

    /** Its answer has been sent, or has begun: there can be no other. */
    @Test
    void badEndOfARequestThatIsAnsweredEndsTheConnection() {
        double before = badRequests();
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("GET /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(client.answer().status()).isEqualTo(200);
            client.send("zz\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            assertThat(client.endedWithin(Duration.ofSeconds(1))).isTrue();
        }
        assertThat(badRequests()).isEqualTo(before + 1);
    }

    private static double badRequests() {
        return server.metrics().value("ws_http_connections_ended_total", "reason=\"bad_request\"");
    }

    @Test
    void tlsOnThePlainPortIsRefused() {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send(new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3, '\r', '\n', '\r', '\n'});

            assertThat(client.answer().status()).isIn(0, 400);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /ws HTTP/1.1|Connection: Upgrade|Upgrade: websocket",
                "GET /ws HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 8|Sec-WebSocket-Key: "
                        + KEY,
                "GET /ws HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13",
                "POST /ws HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Content-Length: 0",
                "GET /ws HTTP/1.1|Connection: keep-alive",
            })
    void halfAnUpgradeIsAClientError(String lines) {
        String request = lines.replace("|", "\r\n") + "\r\nHost: localhost\r\nAuthorization: Bearer "
                + Tokens.standard().sign() + "\r\n\r\n";
        try (RawClient client = RawClient.connect(server.port())) {
            client.send(request.getBytes(StandardCharsets.US_ASCII));

            assertThat(client.answer().status()).isBetween(400, 499);
        }
    }

    @Test
    void headersOfUnboundedLengthAreRefused() {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = client.upgrade("/ws", "X-Filler: " + "x".repeat(100_000));

            assertThat(answer.status()).isIn(0, 400, 431);
        }
    }

    @Test
    void clientThatLeavesInTheMiddleOfItsRequestLeavesNothing() {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("GET /ws HTTP/1.1\r\nHost: lo".getBytes(StandardCharsets.US_ASCII));
        }
        try (RawClient client = RawClient.connect(server.port())) {
            client.send(RawClient.upgradeRequest(
                            "/ws", "Authorization: Bearer " + Tokens.standard().sign())
                    .getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void connectionThatNeverAsksIsCut() {
        try (RawClient client = RawClient.connect(server.port())) {
            assertThat(client.awaitEnd(CUT)).isEmpty();
        }
    }

    @Test
    void headersThatDripInAreCut() {
        byte[] request =
                RawClient.upgradeRequest("/ws", "X-Filler: " + "x".repeat(1000)).getBytes(StandardCharsets.US_ASCII);
        long deadline = System.nanoTime() + CUT.toNanos();
        try (RawClient client = RawClient.connect(server.port())) {
            for (int i = 0; !client.endedWithin(Duration.ofMillis(50)); i++) {
                assertThat(System.nanoTime())
                        .as("still open after %d seconds", CUT.toSeconds())
                        .isLessThan(deadline);
                client.trySend(new byte[] {request[i % request.length]});
            }
        }
    }

    @Test
    void headersMayComeInPiecesWithinTheTime() {
        byte[] request = RawClient.upgradeRequest(
                        "/ws", "Authorization: Bearer " + Tokens.standard().sign())
                .getBytes(StandardCharsets.US_ASCII);
        try (RawClient client = RawClient.connect(server.port())) {
            for (byte next : request) {
                client.send(new byte[] {next});
            }
            assertThat(client.answer().status()).isEqualTo(101);
        }
    }

    @Test
    void establishedConnectionOutlivesTheTimeOfTheHandshake() {
        long start = System.nanoTime();
        try (RawClient waiting = RawClient.open(server.port(), Tokens.standard().sign());
                RawClient neverAsks = RawClient.connect(server.port())) {
            neverAsks.awaitEnd(CUT);

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
            waiting.send("{\"type\":\"ping\"}").awaitText("\"pong\"");
        }
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(CUT.toSeconds());
    }
}
