package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client may read an answer slowly, whatever the kernel's buffer is, and may not stop reading it. */
@Tag("long")
class SlowReaderIT {

    private static final int BYTES_PER_TICK = 400;
    private static final int TICKS_PER_SECOND = 5;
    private static final Duration LONG = Duration.ofSeconds(150);
    private static final int ANSWERS = 90;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final AtomicLong read = new AtomicLong();

    @AfterEach
    void stop() {
        clock.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"64KB", "1MB", "0"})
    void readerOfTwoKilobytesPerSecondIsServedAndOneThatStopsIsNot(String sendBuffer) {
        try (ServerProcess server = ServerLaunch.with("starling.limits.send-buffer=" + sendBuffer)
                        .start();
                RawClient slow = ask(server);
                RawClient stuck = ask(server)) {
            CompletableFuture<Void> ended = new CompletableFuture<>();
            clock.scheduleAtFixedRate(() -> readOn(slow, ended), 0, 1000 / TICKS_PER_SECOND, TimeUnit.MILLISECONDS);

            Awaitility.await().atMost(LONG).until(() -> ended(server) == 1);
            Awaitility.await().atMost(LONG.plusSeconds(30)).until(() -> ended.isDone() || read.get() > 2000 * 140);

            assertThat(ended).as("slow reader, after %d bytes", read.get()).isNotDone();
            assertThat(ended(server)).isEqualTo(1);
            assertThat(stuck.endedAfterRest(Duration.ofSeconds(10))).isTrue();
        }
    }

    private void readOn(RawClient slow, CompletableFuture<Void> ended) {
        try {
            int count = slow.body().readNBytes(BYTES_PER_TICK).length;
            read.addAndGet(count);
            if (count < BYTES_PER_TICK) {
                ended.complete(null);
            }
        } catch (IOException e) {
            ended.complete(null);
        }
    }

    /** Asks for more than any buffer holds. */
    private static RawClient ask(ServerProcess server) {
        String request = "GET /actuator/prometheus HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + Tokens.standard().scope("ops").sign() + "\r\n\r\n";
        return RawClient.connectNarrow(server.port(), 8192)
                .send(request.repeat(ANSWERS).getBytes(StandardCharsets.US_ASCII));
    }

    private static double ended(ServerProcess server) {
        return server.metrics().value("ws_http_connections_ended_total", "reason=\"slow_reader\"");
    }
}
