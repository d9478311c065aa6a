package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.loadtest.check.DeliveryReport;
import dev.starling.redis.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three slow nodes behind nginx are restarted one after the other: no message is lost, and no request fails. Its figures are in {@code target/rolling-restart.tsv}. */
@Tag("long")
class RollingRestartIT {

    private static final int NODES = 3;
    private static final int SHARE = 40;
    private static final int HTTP_PUBLISHERS = 4;
    private static final String[] PROPERTIES = {
        "starling.drain.deadline=10s", "starling.api.request-rate=0", "starling.security.trusted-proxies=127.0.0.1",
    };

    private final List<ServerProcess> nodes = new ArrayList<>();
    private final List<SlowProcess> slow = new ArrayList<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    @Test
    void nothingIsLostAndNoRequestFails() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(HTTP_PUBLISHERS);
        try (RedisServer redis = RedisServer.startDurable()) {
            for (int i = 0; i < NODES; i++) {
                nodes.add(Nodes.launch(redis.properties(), PROPERTIES).start());
            }
            try (NginxProcess nginx = NginxProcess.before(
                            nodes.stream().map(ServerProcess::port).toList());
                    CheckedRun run = new CheckedRun(Stream.of(nginx.socket(false)))) {
                for (int i = 0; i < 30; i++) {
                    run.subscribe(0, "kept:a", "kept:b", "kept:c");
                }
                run.publish(0, "kept:a", 100);
                run.publish(0, "kept:b", 100);
                run.awaitStanding().awaitPublished(100);
                nodes.forEach(node -> slow.add(SlowProcess.running(SHARE, node)));
                for (int i = 0; i < HTTP_PUBLISHERS; i++) {
                    int number = i;
                    threads.execute(() -> publishByHttp(nginx.port(), number));
                }
                run.awaitPublished(100);
                for (int i = 0; i < NODES; i++) {
                    restart(i, redis);
                    run.awaitStanding().awaitPublished(200);
                }
                over = true;
                threads.shutdown();
                assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
                DeliveryReport report = run.finishComplete();
                Figures.add(
                        "rolling-restart.tsv",
                        "answered " + answered,
                        "failed " + failed.size(),
                        "delivered " + report.delivered(),
                        "recovered " + report.recoveries(),
                        "told " + report.refusals(),
                        "told lost " + report.toldLost(),
                        "faults " + report.faultCount());
            }
            assertThat(failed).isEmpty();
            assertThat(answered.get()).isGreaterThan(100);
        } finally {
            over = true;
            threads.shutdownNow();
            slow.forEach(SlowProcess::close);
            nodes.forEach(ServerProcess::close);
        }
    }

    private void restart(int index, RedisServer redis) {
        ServerProcess old = nodes.get(index);
        old.signal("TERM");
        assertThat(old.awaitExit(Duration.ofSeconds(13))).isEqualTo(143);
        slow.get(index).close();
        ServerProcess next =
                Nodes.launch(redis.properties(), PROPERTIES).onPort(old.port()).start();
        nodes.set(index, next);
        slow.set(index, SlowProcess.running(SHARE, next));
    }

    private void publishByHttp(int port, int number) {
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
        String token = Tokens.standard().scope("publish").publish("*").sign();
        for (int i = 0; !over; i++) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://localhost:" + port + "/api/channels/kept:h" + number + "/messages"))
                    .timeout(Duration.ofSeconds(20))
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", "application/json")
                    .header("Idempotency-Key", number + "-" + i)
                    .POST(BodyPublishers.ofString("{\"data\":" + i + "}"))
                    .build();
            try {
                int status = http.send(request, BodyHandlers.ofString()).statusCode();
                if (status == 200) {
                    answered.incrementAndGet();
                } else {
                    failed.add("status " + status);
                }
            } catch (IOException e) {
                failed.add(e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
