package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A client may read an answer slowly, whatever the kernel's buffer is, and may not stop reading it. */
@Tag("long")
class SlowReaderIT {

    private static final int TICK_MILLIS = 200;
    private static final int BYTES_PER_TICK = 400;
    private static final int SECONDS = 130;
    private static final List<String> SEND_BUFFERS = List.of("64KB", "1MB");

    /** More than any buffer holds. */
    private static final int ANSWERS = 90;

    private final List<AutoCloseable> resources = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
    }

    /** A server, a client that reads two kilobytes per second, and one that reads nothing. */
    private static final class Pair {

        private final String sendBuffer;
        private final ServerProcess server;
        private final RawClient slow;
        private final RawClient stuck;
        private long read;
        private boolean isOver;

        Pair(String sendBuffer, List<AutoCloseable> resources) {
            this.sendBuffer = sendBuffer;
            server = ServerLaunch.with("starling.limits.send-buffer=" + sendBuffer)
                    .start();
            slow = ask(server);
            stuck = ask(server);
            resources.addAll(List.of(slow, stuck, server));
        }

        void readOn() {
            try {
                int count = slow.body().readNBytes(BYTES_PER_TICK).length;
                read += count;
                isOver |= count < BYTES_PER_TICK;
            } catch (IOException e) {
                isOver = true;
            }
        }

        double ended() {
            return server.metrics().value("ws_http_connections_ended_total", "reason=\"slow_reader\"");
        }

        @Override
        public String toString() {
            return sendBuffer + " after " + read + " bytes";
        }
    }

    @Test
    void readerOfTwoKilobytesPerSecondIsServedAndOneThatStopsIsNot() {
        List<Pair> pairs =
                SEND_BUFFERS.stream().map(size -> new Pair(size, resources)).toList();
        Awaitility.await()
                .pollInSameThread()
                .pollInterval(Duration.ofMillis(TICK_MILLIS))
                .atMost(Duration.ofSeconds(2 * SECONDS))
                .until(() -> {
                    pairs.forEach(Pair::readOn);
                    return pairs.stream().allMatch(pair -> pair.isOver || pair.read >= SECONDS * 2000L);
                });

        assertThat(pairs).allSatisfy(pair -> {
            assertThat(pair.isOver).as("slow reader is cut").isFalse();
            assertThat(pair.ended()).as("ended").isEqualTo(1);
            assertThat(pair.stuck.endedAfterRest(Duration.ofSeconds(10))).isTrue();
        });
    }

    private static RawClient ask(ServerProcess server) {
        String request = "GET /actuator/prometheus HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + Tokens.standard().scope("ops").sign() + "\r\n\r\n";
        return RawClient.connectNarrow(server.port(), 8192)
                .send(request.repeat(ANSWERS).getBytes(StandardCharsets.US_ASCII));
    }
}
