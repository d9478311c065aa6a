package dev.starling.journey;

import static dev.starling.journey.ApiClient.json;
import static dev.starling.journey.ApiClient.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What publishes by HTTP look like on the wire, on one connection: whichever way they take, the answers are those of HTTP. */
class HttpPublishWireIT {

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = StandardServer.get();
    }

    @AfterEach
    void logIsClean() {
        assertThat(server.newFaults()).isEmpty();
    }

    private static String publish(String channel, String body, String... headers) {
        return request("POST", "/api/channels/" + channel + "/messages", body, headers);
    }

    private static String request(String method, String path, String body, String... headers) {
        return method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + ApiClient.KEY
                + "\r\nContent-Length: "
                + body.length() + "\r\n"
                + String.join("", List.of(headers).stream().map(h -> h + "\r\n").toList())
                + "\r\n" + body;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void assertPublished(HttpAnswer answer, String channel) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().get("channel").asString()).isEqualTo(channel);
    }

    @Test
    void answersToAPipelineComeInItsOrderWhateverIsInIt() {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send(bytes(publish("open:p1", "1")
                    + publish("open:p2", "nonsense")
                    + request("GET", "/api/node", "")
                    + publish("open:p3", "3")
                    + publish("open:p%34", "4")
                    + publish("open:p5", "5")
                    + publish("closed:p6", "6")));

            assertPublished(client.answer(), "open:p1");
            assertThat(client.answer().json().get("code").asString()).isEqualTo("malformed");
            HttpAnswer node = client.answer();
            assertThat(node.status()).isEqualTo(200);
            assertThat(node.header("transfer-encoding")).isNull();
            assertThat(node.json().get("node")).isNotNull();
            assertPublished(client.answer(), "open:p3");
            assertPublished(client.answer(), "open:p4");
            assertPublished(client.answer(), "open:p5");
            assertThat(client.answer().status()).isEqualTo(403);
            client.send(bytes(publish("open:p7", "7")));
            assertPublished(client.answer(), "open:p7");
        }
    }

    @Test
    void bodyMayComeInSmallParts() {
        try (RawClient client = RawClient.connect(server.port())) {
            String text = publish("open:parts", "{\"a\":[1,2,3]}", "Idempotency-Key: parts");
            for (byte each : bytes(text + text)) {
                client.send(new byte[] {each});
            }
            assertPublished(client.answer(), "open:parts");
            assertPublished(client.answer(), "open:parts");
        }
    }

    @Test
    void bodyThatDoesNotComeIsNotWaitedForForever() {
        try (RawClient client = RawClient.connect(server.port())) {
            String text = publish("open:slow", "[1,2,3]");
            client.send(bytes(text.substring(0, text.length() - 3)));

            HttpAnswer answer = client.answer();
            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.json().get("code").asString()).isEqualTo("request_timeout");
            assertThat(client.endedWithin(java.time.Duration.ofSeconds(5))).isTrue();
        }
    }

    @Test
    void whoLeavesInTheMiddleHarmsNobody() {
        for (int i = 0; i < 20; i++) {
            try (RawClient client = RawClient.connect(server.port())) {
                String text = publish("open:leaver", "[1,2,3]");
                client.send(bytes(text + text.substring(0, text.length() - 1 - i % 7)));
            }
        }
        json(ApiClient.withKey(server, ApiClient.KEY).post("/api/channels/open:leaver/messages", "1"));
    }

    @Test
    void connectionEndsWhereTheClientWantsIt() {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send(bytes(publish("open:last", "1", "Connection: close")));

            assertPublished(client.answer(), "open:last");
            assertThat(client.endedWithin(java.time.Duration.ofSeconds(5))).isTrue();
        }
    }

    @Test
    void whoWouldRatherSpeakAnotherHttpIsAnsweredAll() {
        try (RawClient client = RawClient.connect(server.port())) {
            for (int i = 0; i < 3; i++) {
                client.send(bytes(publish(
                        "open:h2c",
                        "1",
                        "Connection: Upgrade, HTTP2-Settings",
                        "Upgrade: h2c",
                        "HTTP2-Settings: AAEA")));
                assertPublished(client.answer(), "open:h2c");
                client.send(bytes(publish("open:h2c", "2")));
                assertPublished(client.answer(), "open:h2c");
            }
        }
    }

    @Test
    void requestsAfterARefusedUpgradeAreAnswered() {
        try (RawClient client = RawClient.connect(server.port())) {
            assertThat(client.upgrade("/ws").status()).isEqualTo(401);
            client.send(bytes(publish("open:after", "1") + publish("open:after", "2")));
            assertPublished(client.answer(), "open:after");
            assertPublished(client.answer(), "open:after");
        }
    }

    @Test
    void whoSendsFasterThanIsPublishedIsAnsweredAllInOrder() {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            many.append(publish("open:many" + i, "[" + "1,".repeat(200) + "1]"));
        }
        try (RawClient client = RawClient.connect(server.port())) {
            client.send(bytes(many.toString()));
            for (int i = 0; i < 500; i++) {
                assertPublished(client.answer(), "open:many" + i);
            }
        }
    }

    @Test
    void connectionThatHasPublishedMayBecomeAWebSocket() {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send(bytes(publish("open:before", "1")));
            assertPublished(client.answer(), "open:before");

            client.opened(Tokens.standard().sign());
            client.send("{\"type\":\"ping\",\"id\":1}");
            assertThat(client.awaitText("pong").contains("\"id\":1")).isTrue();
        }
    }

    @Test
    void whoIsRefusedIsOutWithTheNextRequest() {
        Tokens token = Tokens.standard().subject("short-way").scope("publish").publish("*");
        ApiClient caller = ApiClient.with(server, token);
        for (int i = 0; i < 3; i++) {
            json(caller.post("/api/channels/open:refused/messages", "1"));
        }
        ApiClient operator = ApiClient.of(server);
        long until = System.currentTimeMillis() + TimeUnit.MINUTES.toMillis(1);
        json(operator.send("PUT", "/api/refusals/user/short-way?until=" + until, ""));

        problem(caller.post("/api/channels/open:refused/messages", "1"), 401, "invalid_token");
        operator.send("DELETE", "/api/refusals/user/short-way", "");
        json(caller.post("/api/channels/open:refused/messages", "1"));
    }

    @Test
    void bothWaysAreMeasuredAsOne() {
        double before = published();
        ApiClient caller = ApiClient.withKey(server, ApiClient.KEY);
        json(caller.post("/api/channels/open:measured/messages", "1"));
        json(caller.post("/api/channels/open:measured/messages", "1", "Origin", "https://elsewhere.example"));

        Awaitility.await().until(() -> published() >= before + 2);
    }

    private static double published() {
        return server.metrics()
                .value(
                        "http_server_requests_seconds_count",
                        "uri=\"/api/channels/{channel}/messages\"",
                        "status=\"200\"");
    }
}
