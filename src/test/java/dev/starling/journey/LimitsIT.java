package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What one connection may use, both sides of each limit. */
class LimitsIT {

    private static final int MESSAGE_BYTES = 2048;
    private static final int CHANNEL_LENGTH = 20;
    private static final int SUBSCRIPTIONS = 3;
    private static final int BURST = 30;
    private static final int VIOLATIONS = 50;
    private static final int MALFORMED = 5;

    private static ServerProcess server;

    private final List<ClientSession> sessions = new ArrayList<>();
    private Metrics before = new Metrics("");

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.limits.max-message-size=" + MESSAGE_BYTES,
                        "starling.limits.max-channel-length=" + CHANNEL_LENGTH,
                        "starling.limits.channel-alphabet=a-z0-9:",
                        "starling.limits.max-subscriptions=" + SUBSCRIPTIONS,
                        "starling.limits.message-rate=10",
                        "starling.limits.message-burst=" + BURST,
                        "starling.limits.max-rate-violations=" + VIOLATIONS,
                        "starling.limits.max-malformed=" + MALFORMED,
                        "starling.limits.first-frame-timeout=1s")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void look() {
        before = server.metrics();
    }

    @AfterEach
    void leave() {
        sessions.forEach(ClientSession::close);
    }

    @Test
    void messageOfExactlyTheSizeIsTaken() {
        ClientSession session = open().subscribe("open:size");

        session.send(publishOf(MESSAGE_BYTES));

        assertThat(session.awaitData().asString()).startsWith("xxx");
    }

    @Test
    void messageOfOneByteMoreClosesTheConnection() {
        ClientSession session = open();

        session.send(publishOf(MESSAGE_BYTES + 1));

        assertThat(session.awaitClosed().code()).isEqualTo(1009);
        assertCounted("ws_closes_total", "code=\"1009\"");
    }

    @Test
    void welcomeTellsTheSize() {
        ClientSession session = ClientSession.open(server, Tokens.standard().sign());
        sessions.add(session);

        assertThat(session.await("welcome").get("maxMessageBytes").asInt()).isEqualTo(MESSAGE_BYTES);
    }

    @Test
    void channelNameOfExactlyTheLengthIsTaken() {
        open().subscribe("open:" + "x".repeat(CHANNEL_LENGTH - 5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"open:xxxxxxxxxxxxxxxx", "", "open:X", "open:é", "open:*", "open: ", "open:\\n", "open:\\u0000"})
    void channelNameOutsideLengthOrAlphabetIsRefused(String name) {
        ClientSession session = open();

        session.send("{\"type\":\"subscribe\",\"id\":1,\"channel\":\"" + name + "\"}");

        PublishIT.assertError(session.await("error"), 102, "invalid_channel");
        assertThat(session.drain()).as("the connection lives").isEmpty();
        assertCounted("ws_errors_total", "error=\"invalid_channel\"");
    }

    @Test
    void oneSubscriptionTooManyIsRefusedAndOneLessMakesRoom() {
        ClientSession session = open();
        for (int i = 0; i < SUBSCRIPTIONS; i++) {
            session.subscribe("open:" + i);
        }
        session.subscribe("open:0");

        session.send("{\"type\":\"subscribe\",\"channel\":\"open:more\"}");
        JsonNode error = session.await("error");
        PublishIT.assertError(error, 106, "too_many_subscriptions");
        assertThat(error.get("channel").asString()).isEqualTo("open:more");

        session.send("{\"type\":\"unsubscribe\",\"channel\":\"open:0\"}").await("unsubscribed");
        session.subscribe("open:more");
        assertCounted("ws_errors_total", "error=\"too_many_subscriptions\"");
    }

    @Test
    void messageOverTheRateIsRefusedWithATimeToWait() {
        ClientSession session = open();
        for (int i = 0; i < BURST + VIOLATIONS / 2; i++) {
            session.send("{\"type\":\"ping\"}");
        }
        JsonNode error = session.await("error");

        PublishIT.assertError(error, 107, "rate_limited");
        assertThat(error.get("retry").asBoolean()).isTrue();
        assertThat(error.get("retryAfter").asLong()).isBetween(1L, 10_000L);
        assertThat(session.closed()).isFalse();
        assertCounted("ws_rate_limited_total");
    }

    @Test
    void burstIsTaken() {
        ClientSession session = open();
        for (int i = 0; i < BURST; i++) {
            session.send("{\"type\":\"ping\",\"id\":" + i + "}");
        }
        for (int i = 0; i < BURST; i++) {
            assertThat(session.await(frame -> frame.has("id")).get("type").asString())
                    .isEqualTo("pong");
        }
    }

    @Test
    void persistentAbuseOfTheRateClosesTheConnection() {
        try (RawClient client = RawClient.open(server.port(), Tokens.standard().sign())) {
            byte[] ping = RawFrame.text("{\"type\":\"ping\"}").encode();
            ByteArrayOutputStream flood = new ByteArrayOutputStream();
            for (int i = 0; i < 10 * (BURST + VIOLATIONS); i++) {
                flood.writeBytes(ping);
            }
            client.send(flood.toByteArray());

            RawFrame close = client.awaitClose();
            assertThat(close.closeCode()).isEqualTo(4003);
            assertThat(close.closeReason()).isEqualTo("rate_limited");
        }
        assertCounted("ws_closes_total", "code=\"4003\"");
    }

    @Test
    void malformedFramesAreAnsweredAndTooManyOfThemCloseTheConnection() {
        ClientSession session = open();
        for (int i = 0; i < MALFORMED; i++) {
            session.send("nonsense");
        }
        for (int i = 0; i < MALFORMED - 1; i++) {
            PublishIT.assertError(session.await("error"), 100, "malformed");
        }
        session.send("nonsense");

        assertThat(session.awaitClosed()).isEqualTo(new ClientSession.Closed(4502, "too_many_errors"));
        assertCounted("ws_messages_total", "type=\"malformed\"");
        assertCounted("ws_closes_total", "code=\"4502\"");
    }

    @Test
    void silentConnectionIsClosedWhereAFirstFrameIsDemandedWhileATalkingOneLives() {
        ClientSession talking = open().subscribe("open:talk");
        ClientSession silent = open();

        assertThat(silent.awaitClosed(Duration.ofSeconds(10)).code()).isEqualTo(4002);
        assertThat(talking.drain()).as("still open").isEmpty();
        assertCounted("ws_closes_total", "code=\"4002\"");
    }

    private ClientSession open() {
        ClientSession session = ClientSession.open(server);
        sessions.add(session);
        session.await("welcome");
        return session;
    }

    /** The connection may be closed before its end is counted, hence the wait. */
    private void assertCounted(String meter, String... labels) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() ->
                        assertThat(server.metrics().value(meter, labels)).isGreaterThan(before.value(meter, labels)));
    }

    private static String publishOf(int bytes) {
        String head = "{\"type\":\"publish\",\"channel\":\"open:size\",\"data\":\"";
        return head + "x".repeat(bytes - head.length() - 2) + "\"}";
    }
}
