package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.uring.IoUring;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A node that was asked to use io_uring: it serves as any other, also where it may not. */
class IoUringIT {

    private static final String CHANNEL = "open:ring";
    private static final int BACKLOG_BYTES = 256 * 1024;
    private static final String DATA = "\"" + "x".repeat(40_000) + "\"";
    private static final int MESSAGES = 200;
    private static final Duration BOUND = Duration.ofSeconds(15);

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.transport.io-uring=true",
                        "starling.transport.ring-size=256",
                        "starling.limits.max-backlog=" + BACKLOG_BYTES,
                        "starling.limits.send-buffer=16KB",
                        "starling.limits.message-rate=0")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theLogSaysWhatTheSocketsAreOn() {
        String line = server.log().await(text -> text.contains("transport.start"), BOUND);

        assertThat(line).contains(IoUring.isAvailable() ? "io_uring" : "epoll");
        assertThat(server.log().text().contains("transport.io_uring_unavailable"))
                .isEqualTo(!IoUring.isAvailable());
    }

    @Test
    void aReaderThatStopsIsCutAsASlowConsumerWhileOthersReceive() {
        try (RawClient stalled = RawClient.connectNarrow(server.port(), 4096)
                        .opened(Tokens.standard().subject("stalled").sign());
                ClientSession reader = ClientSession.subscribed(server, CHANNEL)) {
            stalled.send("{\"type\":\"subscribe\",\"channel\":\"" + CHANNEL + "\"}")
                    .awaitText("\"subscribed\"");

            for (int i = 0; i < MESSAGES; i++) {
                reader.publish(CHANNEL, DATA);
                assertThat(reader.awaitData().asString()).hasSize(DATA.length() - 2);
            }

            server.log().await(line -> line.contains("ws.disconnect") && line.contains("4001"), BOUND);
            assertThat(server.metrics().value("ws_closes_total", "code=\"4001\""))
                    .isEqualTo(1);
            stalled.awaitEnd(BOUND);
        }
        BadInputIT.assertHealthy(server);
    }
}
