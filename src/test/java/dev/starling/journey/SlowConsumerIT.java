package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real sockets that nobody reads, on a node whose memory is smaller than what they should get. */
class SlowConsumerIT {

    private static final String CHANNEL = "open:flood";
    private static final int STALLED = 10;
    private static final int MESSAGES = 600;
    private static final String DATA = "\"" + "x".repeat(40_000) + "\"";
    private static final int BACKLOG_BYTES = 256 * 1024;

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.limits.max-backlog=" + BACKLOG_BYTES,
                        "starling.limits.send-buffer=16KB",
                        "starling.limits.message-rate=0",
                        "starling.heartbeat.interval=60s")
                .jvm("-Xmx96m", "-XX:MaxDirectMemorySize=64m")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void slowSubscribersAreCutWhileOthersStillReceive() {
        List<RawClient> stalled = new ArrayList<>();
        long logged = slowInLog();
        double counted = server.metrics().value("ws_slow_consumers_total");
        double closed = closedAsSlow();
        try (ClientSession reader = ClientSession.subscribed(server, CHANNEL)) {
            for (int i = 0; i < STALLED; i++) {
                stalled.add(stalledSubscriber());
            }
            for (int i = 0; i < MESSAGES; i++) {
                reader.publish(CHANNEL, DATA);
                assertThat(reader.awaitData().asString()).hasSize(DATA.length() - 2);
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> server.metrics().value("ws_connections_active") == 1);
            for (RawClient client : stalled) {
                client.awaitEnd(Duration.ofSeconds(10));
            }
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> slowInLog() == logged + STALLED);
            assertThat(server.log()
                            .await(
                                    line -> line.contains("ws.disconnect") && line.contains("4001"),
                                    Duration.ofSeconds(5)))
                    .contains("slow_consumer");
            assertThat(server.metrics().value("ws_slow_consumers_total")).isEqualTo(counted + STALLED);
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> closedAsSlow() == closed + STALLED);
            BadInputIT.assertHealthy(server);
        } finally {
            stalled.forEach(RawClient::close);
        }
    }

    @Test
    void slowSubscriberThatReadsOnInTimeLearnsWhyItIsClosed() {
        try (RawClient client = overflowing()) {
            assertThat(client.awaitClose().closeCode()).isEqualTo(4001);
            client.send(RawFrame.close(4001));
            client.awaitOrderlyEnd(Duration.ofSeconds(1));
        }
    }

    @Test
    void slowSubscriberThatReadsOnTooLateIsCutWithoutACloseFrame() {
        double closed = closedAsSlow();
        try (RawClient client = overflowing()) {
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> closedAsSlow() == closed + 1);

            assertThat(client.awaitEnd(Duration.ofSeconds(10))).isEmpty();
        }
    }

    /** A subscriber that has not read for so long that the server has just given up on it. */
    private static RawClient overflowing() {
        long logged = slowInLog();
        RawClient client = stalledSubscriber();
        try (ClientSession publisher = ClientSession.open(server)) {
            for (int i = 0; i < MESSAGES && slowInLog() == logged; i++) {
                publisher.publish(CHANNEL, DATA);
            }
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> slowInLog() > logged);
        return client;
    }

    private static long slowInLog() {
        return server.log().lines().stream()
                .filter(line -> line.contains("ws.slow_consumer"))
                .count();
    }

    private static double closedAsSlow() {
        return server.metrics().value("ws_closes_total", "code=\"4001\"");
    }

    private static RawClient stalledSubscriber() {
        RawClient client = RawClient.connectNarrow(server.port(), 4096)
                .opened(Tokens.standard().subject("stalled").sign());
        client.send("{\"type\":\"subscribe\",\"channel\":\"" + CHANNEL + "\"}").awaitText("\"subscribed\"");
        return client;
    }
}
