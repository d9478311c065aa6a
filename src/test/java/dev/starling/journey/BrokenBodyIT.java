package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that leave in the middle of a body, or whose body can't be decoded: no fault of the server, whichever handler reads it. */
class BrokenBodyIT {

    private static final List<String> HANDLERS = List.of(
            "POST /api/channels/open:broken/messages|Content-Type: application/json",
            "POST /api/messages|Content-Type: application/json",
            "POST /api/messages|Content-Type: application/x-ndjson",
            "POST /actuator/loggers/dev.starling|Content-Type: application/json",
            "PUT /api/refusals/user/nobody?until=1|Content-Type: application/json",
            "DELETE /api/users/nobody/connections|Content-Type: application/json",
            "POST /nothing|Content-Type: application/json");

    private static final List<String> BODIES = List.of(
            "Content-Length: 100|{\"a\":",
            "Transfer-Encoding: chunked|5|{\"a\":",
            "Transfer-Encoding: chunked|5|{\"a\":|",
            "Transfer-Encoding: chunked|26|{\"channel\":\"open:b\",\"data\":1}\n{\"channel\"|");

    private static ServerProcess server;
    private static String token;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "management.endpoints.web.exposure.include=health,prometheus,loggers",
                        "management.endpoint.loggers.access=unrestricted")
                .start();
        token = Tokens.standard()
                .scope("publish read ops")
                .channels("*")
                .publish("*")
                .sign();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static byte[] request(String handler, String body) {
        String[] head = handler.split("\\|", 2);
        String[] lines = body.split("\\|", -1);
        StringBuilder text = new StringBuilder(head[0] + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + token + "\r\n" + head[1] + "\r\n" + lines[0] + "\r\n\r\n");
        for (int i = 1; i < lines.length; i++) {
            text.append(lines[i]).append(i < lines.length - 1 ? "\r\n" : "");
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static double count(String... labels) {
        return server.metrics().value("http_server_requests_seconds_count", labels);
    }

    @Test
    void clientThatLeavesInTheMiddleIsNoFaultOfTheServer() {
        double before = count();
        int sent = 0;
        for (String handler : HANDLERS) {
            for (String body : BODIES) {
                RawClient leaver = RawClient.connect(server.port());
                leaver.send(request(handler, body)).close();
                RawClient resetter = RawClient.connect(server.port());
                resetter.send(request(handler, body)).reset();
                sent += 2;
            }
        }
        // A reset may overtake its request, which is then never seen.
        double seen = before + sent / 2.0;
        Awaitility.await().until(() -> count() >= seen);
        assertNoFault();
    }

    @Test
    void clientThatLeavesWhileItIsAnsweredIsNoFaultOfTheServer() {
        String lines = "{\"channel\":\"open:b\",\"data\":1}\n".repeat(2000);
        String body = "Transfer-Encoding: chunked|" + Integer.toHexString(lines.length()) + "|" + lines + "|";
        double before = count("uri=\"/api/messages\"");
        for (int i = 0; i < 5; i++) {
            RawClient client = RawClient.connect(server.port());
            client.send(request(HANDLERS.get(2), body));
            assertThat(client.answerHead().status()).isEqualTo(200);
            client.reset();
        }
        Awaitility.await().until(() -> count("uri=\"/api/messages\"") >= before + 5);
        assertNoFault();
    }

    @Test
    void bodyThatCanNotBeDecodedIsRefusedAndNotPublished() {
        for (String handler : HANDLERS) {
            try (RawClient client = RawClient.connect(server.port())) {
                client.send(request(handler, "Transfer-Encoding: chunked|1|1|no length|"));
                HttpAnswer answer = client.answer();

                assertThat(answer.status()).as(handler).isBetween(200, 499);
                assertThat(answer.body()).as(handler).doesNotContain("\"channel\":\"open:broken\"");
            }
        }
        assertNoFault();
    }

    private static void assertNoFault() {
        assertThat(count("outcome=\"SERVER_ERROR\"")).isZero();
        assertThat(server.newFaults()).isEmpty();
    }
}
