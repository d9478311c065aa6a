package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the log says, and what it never says, with everything switched on that can be. */
class LogsIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration BOUND = Duration.ofSeconds(10);

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with("spring.profiles.active=json", "logging.level.root=DEBUG")
                .jvm("-Xmx256m", "-Dreactor.netty.http.server.accessLogEnabled=true")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void connectIsOneEventWithItsKeys() {
        try (ClientSession session =
                ClientSession.open(server, Tokens.standard().subject("erin").sign())) {
            String connection = session.await("welcome").get("connection").asString();

            JsonNode event = event("ws.connect", connection);
            assertThat(event.toString()).contains("\"erin\"", "127.0.0.1");
            assertThat(event.findValues("active")).as(event.toString()).isNotEmpty();
        }
    }

    @Test
    void disconnectIsOneEventWithItsKeys() {
        try (ClientSession session =
                ClientSession.open(server, Tokens.standard().subject("frank").sign())) {
            String connection = session.await("welcome").get("connection").asString();
            session.subscribe("open:log").publish("open:log", "1").awaitData();
            session.leave();

            JsonNode event = event("ws.disconnect", connection);
            assertThat(event.toString()).contains("\"frank\"", "127.0.0.1", "1000", "\"client\"");
            for (String key : new String[] {
                "code",
                "reason",
                "initiator",
                "durationMillis",
                "messagesIn",
                "messagesOut",
                "bytesIn",
                "bytesOut",
                "pendingBytes",
                "active"
            }) {
                assertThat(event.findValues(key)).as(key + " of " + event).isNotEmpty();
            }
        }
    }

    @Test
    void eachEventIsLoggedOnce() {
        try (ClientSession session = ClientSession.open(server)) {
            String connection = session.await("welcome").get("connection").asString();
            session.leave();
            event("ws.disconnect", connection);

            assertThat(count("ws.connect", connection)).isEqualTo(1);
            assertThat(count("ws.disconnect", connection)).isEqualTo(1);
        }
    }

    @Test
    void brokenFramesAreFaultsOfTheClientAndNoneOfOurs() {
        Map<Integer, RawFrame> frames = Map.of(
                1002, RawFrame.of(3, new byte[1]),
                1003, RawFrame.of(RawFrame.BINARY, new byte[1]),
                1007, RawFrame.of(RawFrame.TEXT, new byte[] {-1}),
                1009, RawFrame.of(RawFrame.TEXT, new byte[70_000]));
        frames.forEach((code, frame) -> {
            String user = "grace-" + code;
            try (RawClient client = RawClient.open(
                    server.port(), Tokens.standard().subject(user).sign())) {
                client.send(frame);
                client.awaitClose();
            }
            JsonNode event = JSON.readTree(server.log()
                    .await(
                            line -> line.startsWith("{") && line.contains("ws.disconnect") && line.contains(user),
                            BOUND));

            assertThat(event.get("code").asString()).isEqualTo(String.valueOf(code));
            assertThat(event.get("initiator").asString()).isEqualTo("server");
        });
        assertThat(server.log().lines()).noneMatch(line -> line.contains("\"ws.error\""));
    }

    @Test
    void noTokenAppearsWhereverItWasSent() {
        String header = Tokens.standard().subject("h").sign();
        String query = Tokens.standard().subject("q").sign();
        String subprotocol = Tokens.standard().subject("s").sign();
        String refused = Tokens.standard().expires(Duration.ofMinutes(-5)).sign();
        String refresh = Tokens.standard().subject("h").channels("x").sign();
        String subscribe = Tokens.standard().subject("h").channels("token:x").sign();
        try (RawClient first = RawClient.open(server.port(), header);
                RawClient second = RawClient.connect(server.port());
                RawClient third = RawClient.connect(server.port());
                RawClient fourth = RawClient.connect(server.port());
                RawClient fifth = RawClient.connect(server.port())) {
            assertThat(second.upgrade("/ws?access_token=" + query).status()).isEqualTo(101);
            assertThat(third.upgrade("/ws", "Sec-WebSocket-Protocol: chat, bearer." + subprotocol)
                            .status())
                    .isEqualTo(101);
            assertThat(fourth.upgrade("/ws?access_token=" + refused).status()).isEqualTo(401);
            assertThat(fifth.upgrade("/elsewhere?access_token=" + query).status())
                    .isBetween(400, 499);
            first.send("{\"type\":\"refresh\",\"token\":\"" + refresh + "\"}").awaitText("\"refreshed\"");
            first.send("{\"type\":\"subscribe\",\"channel\":\"token:x\",\"token\":\"" + subscribe + "\"}")
                    .awaitText("\"subscribed\"");
            first.send("{\"type\":\"refresh\",\"token\":\"" + refused + "\"}").awaitText("\"error\"");
            first.send("{\"type\":\"refresh\",\"tokens\":\"" + refused + "\"}").awaitText("\"error\"");
        }
        server.log().await(line -> line.contains("\"q\"") && line.contains("ws.disconnect"), BOUND);

        String log = server.log().text();
        for (String token : new String[] {header, query, subprotocol, refused, refresh, subscribe}) {
            assertThat(log.contains(signature(token)))
                    .as("a line with a token: %s", line(signature(token)))
                    .isFalse();
        }
        assertThat(log.contains(ServerLaunch.SECRET))
                .as("the secret is in the log")
                .isFalse();
    }

    private static String line(String part) {
        return server.log().lines().stream()
                .filter(line -> line.contains(part))
                .findFirst()
                .orElse("none");
    }

    private static String signature(String token) {
        return token.substring(token.lastIndexOf('.') + 1);
    }

    private static JsonNode event(String name, String connection) {
        return JSON.readTree(server.log().await(line -> isEvent(line, name, connection), BOUND));
    }

    private static long count(String name, String connection) {
        return server.log().lines().stream()
                .filter(line -> isEvent(line, name, connection))
                .count();
    }

    private static boolean isEvent(String line, String name, String connection) {
        return line.startsWith("{") && line.contains("\"" + name + "\"") && line.contains("\"" + connection + "\"");
    }
}
