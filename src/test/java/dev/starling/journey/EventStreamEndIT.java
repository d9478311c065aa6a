package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** How long an event stream lives, and how it ends. */
class EventStreamEndIT {

    private static final Duration BOUND = Duration.ofSeconds(15);
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final Duration JVM_EXIT = Duration.ofSeconds(15);

    private static ServerProcess server;

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeAll
    static void start() {
        server = launch().start();
    }

    private static ServerLaunch launch() {
        return ServerLaunch.with(
                "starling.heartbeat.interval=1s",
                "starling.heartbeat.timeout=1s",
                "starling.limits.first-frame-timeout=2s",
                "starling.limits.handshake-timeout=1s",
                "starling.limits.message-rate=0",
                "starling.limits.send-buffer=16KB",
                "starling.security.token-grace=1s",
                "starling.drain.deadline=" + DEADLINE.toSeconds() + "s",
                "server.netty.idle-timeout=1s");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void leave() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        assertThat(server.newFaults()).isEmpty();
    }

    @Test
    void commentsKeepAStreamAliveOnWhichNothingIsSaid() {
        EventStream stream = keep(EventStream.open(server, "open:quiet"));
        stream.await("subscribed");

        Awaitility.await().atMost(BOUND).until(() -> stream.comments() >= 5);

        try (ClientSession writer = ClientSession.subscribed(server, "open:quiet")) {
            writer.publish("open:quiet", "1");
            assertThat(stream.await("message").json().get("data").asInt()).isEqualTo(1);
        }
    }

    @Test
    void whoTakesNothingIsCutThoughItIsNotOverItsBacklog() {
        EventStream dead = keep(EventStream.stalled(server, "open:dead"));
        EventStream alive = keep(EventStream.open(server, "open:dead"));
        alive.await("subscribed");
        try (ClientSession writer = ClientSession.subscribed(server, "open:dead")) {
            for (int i = 0; i < 10; i++) {
                writer.publish("open:dead", '"' + "x".repeat(50_000) + '"');
                alive.await("message");
            }
        }

        JsonNode end = awaitClose("stalled");

        assertThat(end.get("code").asInt()).isEqualTo(1006);
        assertThat(server.metrics().value("ws_slow_consumers_total")).isZero();
        dead.read().awaitEnd(BOUND);
    }

    @Test
    void theEndOfItsTokenEndsTheStream() {
        EventStream stream = keep(EventStream.open(
                server,
                EventStream.path("open:short"),
                Tokens.standard().expires(Duration.ofSeconds(3)).subject("short")));

        List<EventStream.Event> events = stream.awaitEnd(BOUND);

        assertThat(events.get(events.size() - 1).data()).isEqualTo("{\"code\":4006,\"reason\":\"token_expired\"}");
        assertThat(awaitClose("short").get("code").asInt()).isEqualTo(4006);
    }

    @Test
    void aLeavingNodeSaysSoToEachStreamAndIsGoneInTime() {
        List<EventStream> streams = new ArrayList<>();
        ServerProcess leaving = keep(launch().start());
        for (int i = 0; i < 20; i++) {
            streams.add(keep(EventStream.open(leaving, "open:leaving")));
        }
        EventStream stalled = keep(EventStream.stalled(leaving, "open:leaving"));
        for (EventStream stream : streams) {
            stream.await("welcome");
            stream.await("subscribed");
        }
        long start = System.nanoTime();

        leaving.signal("TERM");

        for (EventStream stream : streams) {
            EventStream.Event goaway = stream.await("goaway");
            assertThat(goaway.json().get("reason").asString()).isEqualTo("shutdown");
            assertThat(goaway.retryMillis()).isBetween(250L, 750L);
            List<EventStream.Event> last = stream.awaitEnd(DEADLINE.plus(BOUND));
            assertThat(last).hasSize(1);
            assertThat(last.get(0).data()).isEqualTo("{\"code\":1001,\"reason\":\"Server shutting down\"}");
        }
        leaving.awaitExit(DEADLINE.plus(JVM_EXIT));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(DEADLINE.plus(JVM_EXIT));
        stalled.read().awaitEnd(BOUND);
        assertThat(leaving.newFaults()).isEmpty();
    }

    private <T extends AutoCloseable> T keep(T closed) {
        open.add(closed);
        return closed;
    }

    private JsonNode awaitClose(String user) {
        ApiClient operator = ApiClient.of(server);
        Awaitility.await()
                .atMost(BOUND)
                .until(() ->
                        !operator.ask("/api/closes?query=" + user).get("items").isEmpty());
        return operator.ask("/api/closes?query=" + user).get("items").get(0);
    }
}
