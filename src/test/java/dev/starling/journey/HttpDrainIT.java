package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A leaving node answers what has arrived, and waits for clients that are moving. */
class HttpDrainIT {

    private static final Duration DEADLINE = Duration.ofSeconds(6);
    private static final Duration EXIT = DEADLINE.plusSeconds(2);
    private static final int PUBLISHERS = 6;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger answered = new AtomicInteger();

    @SuppressWarnings("NullAway.Init")
    private ServerProcess server;

    @BeforeEach
    void start() {
        server = ServerLaunch.with(
                        "starling.drain.deadline=" + DEADLINE.toSeconds() + "s", "starling.api.request-rate=0")
                .start();
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        server.close();
    }

    /** On connections that publish without a pause, that are idle, that are in the middle of a request, or a stream of events. */
    @Test
    void allThatArrivesIsAnswered() throws Exception {
        String body = "{\"data\":1}";
        List<CompletableFuture<String>> publishers = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            publishers.add(CompletableFuture.supplyAsync(this::publishUntilToldToGo, threads));
        }
        awaitAnswers(200);
        try (RawClient idle = RawClient.connect(server.port());
                RawClient slow = RawClient.connect(server.port());
                RawClient stream = RawClient.connect(server.port())) {
            assertThat(idle.request("GET", "/livez").status()).isEqualTo(200);
            slow.send(bytes(head("open:x", body.length())));
            assertThat(stream.request("GET", EventStream.path("open:y"), "Authorization: Bearer " + token())
                            .status())
                    .isEqualTo(200);

            server.signal("TERM");

            server.log().await(line -> line.contains("drain.start"), EXIT);
            assertIdleConnectionIsAnsweredOnce(idle);
            Awaitility.await().pollDelay(Duration.ofSeconds(2)).until(server::alive);
            slow.send(bytes(body));
            assertThat(slow.answer().status()).as("request in the middle").isEqualTo(200);
            assertStreamEndsWithoutAReset(stream);
        }
        for (CompletableFuture<String> publisher : publishers) {
            assertThat(publisher.get(EXIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("told");
        }
        assertThat(server.awaitExit(EXIT)).isEqualTo(143);
        assertThat(server.newFaults()).isEmpty();
    }

    private static void assertIdleConnectionIsAnsweredOnce(RawClient idle) {
        HttpAnswer last = idle.request("GET", "/livez");

        assertThat(last.status()).isEqualTo(200);
        assertThat(last.header("connection")).isEqualTo("close");
        assertThat(idle.endedWithin(EXIT)).isTrue();
    }

    private static void assertStreamEndsWithoutAReset(RawClient stream) throws IOException {
        String events = new String(stream.body().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(events).contains("event: goaway", "event: close", "1001").endsWith("\n\n");
    }

    /** Two seconds are not enough for a client on a slow machine: the connection lives until it goes, or nearly to the deadline. */
    @Test
    void connectionLivesUntilItsClientHasMoved() {
        try (RawClient slow = RawClient.open(server.port(), Tokens.standard().sign());
                RawClient moved =
                        RawClient.open(server.port(), Tokens.standard().sign())) {
            slow.send("{\"type\":\"subscribe\",\"channel\":\"open:x\"}").awaitText("subscribed");
            server.signal("TERM");
            assertThat(moved.awaitText("goaway")).contains("\"closeBy\":4");
            moved.send(RawFrame.close(1000));
            Awaitility.await().pollDelay(Duration.ofMillis(3500)).until(server::alive);

            assertThat(server.send(
                                    "POST",
                                    "/api/channels/open:x/messages",
                                    "{\"data\":\"late\"}",
                                    "Authorization",
                                    "Bearer " + token())
                            .statusCode())
                    .isEqualTo(200);

            assertThat(slow.awaitText("late")).contains("message");
            assertThat(slow.awaitClose().closeCode()).isEqualTo(1001);
        }
        assertThat(server.awaitExit(EXIT)).isEqualTo(143);
    }

    @Test
    void nodeWhoseClientsHaveMovedIsGoneBeforeTheDeadline() {
        long begin;
        try (RawClient client = RawClient.open(server.port(), Tokens.standard().sign())) {
            begin = System.nanoTime();
            server.signal("TERM");
            client.awaitText("goaway");
        }

        assertThat(server.awaitExit(EXIT)).isEqualTo(143);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(3500));
    }

    private String publishUntilToldToGo() {
        try (RawClient client = RawClient.connect(server.port())) {
            while (true) {
                HttpAnswer answer = publish(client);
                if (answer.status() != 200) {
                    return "unanswered after " + answered + ": " + answer;
                }
                answered.incrementAndGet();
                if ("close".equals(answer.header("connection"))) {
                    return "told";
                }
            }
        }
    }

    private HttpAnswer publish(RawClient client) {
        String body = "{\"data\":1}";
        try {
            client.send(bytes(head("open:x", body.length()) + body));
            return client.answer();
        } catch (UncheckedIOException e) {
            return new HttpAnswer(0, Map.of(), e.toString());
        }
    }

    private void awaitAnswers(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> answered.get() > count);
    }

    private static String head(String channel, int length) {
        return "POST /api/channels/" + channel + "/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + token() + "\r\nContent-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private static String token() {
        return Tokens.standard().scope("publish").publish("*").sign();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
