package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who lives and who is dead. */
class HeartbeatIT {

    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final Duration SLACK = Duration.ofSeconds(15);
    private static final String PING = "{\"type\":\"ping\"}";

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.heartbeat.interval=" + INTERVAL.toMillis() + "ms",
                        "starling.heartbeat.timeout=" + TIMEOUT.toMillis() + "ms")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void welcomeTellsTheInterval() {
        try (ClientSession session = ClientSession.open(server)) {
            assertThat(session.await("welcome").get("heartbeat").asLong()).isEqualTo(INTERVAL.toMillis());
        }
    }

    @Test
    void clientThatAnswersNothingIsCutInTimeAndWithoutACloseFrame() {
        try (RawClient silent = open()) {
            long start = System.nanoTime();

            assertThat(silent.await(frame -> frame.opcode() == RawFrame.PING).payload().length)
                    .isLessThan(126);
            assertThat(silent.awaitEnd(INTERVAL.plus(TIMEOUT).plus(SLACK))).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(TIMEOUT);
        }
    }

    @Test
    void clientThatAnswersPingsLives() {
        try (ClientSession session = ClientSession.open(server)) {
            session.await("welcome");

            Awaitility.await().atMost(Duration.ofSeconds(15)).until(() -> session.pings() >= 4);

            assertThat(session.drain()).as("still open").isEmpty();
        }
    }

    @Test
    void clientThatSendsAnythingLivesWithoutAnsweringPings() {
        try (RawClient talking = open()) {
            whileTwoSilentClientsDie(() -> talking.send(PING).awaitText("\"pong\""));

            talking.send(PING).awaitText("\"pong\"");
        }
    }

    @Test
    void clientThatSendsItsFrameInSmallPartsLives() {
        String text = "{\"type\":\"ping\"," + " ".repeat(1000) + "\"id\":1}";
        ByteBuffer frame = ByteBuffer.wrap(RawFrame.text(text).encode());
        try (RawClient slow = open()) {
            whileTwoSilentClientsDie(() -> slow.send(new byte[] {frame.get()}));

            byte[] rest = new byte[frame.remaining()];
            frame.get(rest);
            slow.send(rest).awaitText("\"pong\"");
        }
    }

    /** Repeats this ten times a second for longer than any client may be silent. */
    private static void whileTwoSilentClientsDie(Runnable action) {
        for (int i = 0; i < 2; i++) {
            try (RawClient silent = open()) {
                while (!silent.endedWithin(Duration.ofMillis(100))) {
                    action.run();
                }
            }
        }
    }

    @Test
    void cutIsCountedAndLogged() {
        double before = server.metrics().value("ws_heartbeat_timeouts_total");
        try (RawClient silent = RawClient.open(
                server.port(), Tokens.standard().subject("silent").sign())) {
            silent.awaitEnd(INTERVAL.plus(TIMEOUT).plus(SLACK));

            assertThat(server.log()
                            .await(line -> line.contains("ws.disconnect") && line.contains("user=\"silent\""), SLACK))
                    .contains("code=\"1006\"", "heartbeat timeout", "initiator=\"server\"");
            assertThat(server.metrics().value("ws_heartbeat_timeouts_total")).isGreaterThan(before);
        }
    }

    private static RawClient open() {
        return RawClient.open(server.port(), Tokens.standard().sign());
    }
}
