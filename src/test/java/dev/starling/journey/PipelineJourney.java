package dev.starling.journey;

import static dev.starling.journey.ApiClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Requests of all kinds on one connection, sent without waiting for answers: each is answered once and in order, up to the first that
 * ends HTTP on the connection, and nothing behind that one is done.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PipelineJourney {

    private static final int MIXES = 150;
    private static final String BEHIND = "open:behind";
    private static final String AUTH = "X-API-Key: " + ApiClient.KEY + "\r\n";

    private int count;

    abstract ServerProcess server();

    /** One request, and how to recognise its answer. */
    private record Ask(String text, int status, String mark, boolean isHead) {}

    @BeforeEach
    void forgetFaults() {
        server().newFaults();
    }

    @AfterEach
    void logIsClean() {
        assertThat(server().newFaults()).isEmpty();
    }

    private static String head(String method, String path, String... lines) {
        return method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\n" + AUTH
                + String.join(
                        "", List.of(lines).stream().map(line -> line + "\r\n").toList()) + "\r\n";
    }

    private static String publish(String channel, String body, String... lines) {
        String[] all = Arrays.copyOf(lines, lines.length + 1);
        all[lines.length] = "Content-Length: " + body.length();
        return head("POST", "/api/channels/" + channel + "/messages", all) + body;
    }

    private Ask any(Random random) {
        String channel = "open:p" + count++;
        String mark = "{\"channel\":\"" + channel + '"';
        String messages = "/api/channels/" + channel + "/messages";
        return switch (random.nextInt(12)) {
            case 0 -> new Ask(publish(channel, "nonsense"), 400, "malformed", false);
            case 1 -> new Ask(head("GET", "/api/channels/" + channel), 200, mark, false);
            case 2 -> new Ask(head("HEAD", "/api/channels/" + channel), 200, "", true);
            case 3 -> {
                String chunks = "2\r\n[1\r\n3;x=y\r\n,2]\r\n0\r\nX-Trailer: 1\r\n\r\n";
                yield new Ask(head("POST", messages, "Transfer-Encoding: chunked") + chunks, 200, mark, false);
            }
            case 4 -> new Ask(publish(channel, "1", "Expect: 100-continue"), 200, mark, false);
            case 5 -> new Ask(publish("closed:x", "1"), 403, "forbidden", false);
            case 6 -> new Ask(head("GET", messages), 405, "method_not_allowed", false);
            case 7 -> new Ask(head("GET", "/nothing"), 404, "", false);
            case 8 -> {
                String batch = "{\"channels\":[\"" + channel + "\"],\"data\":1}";
                String head = head(
                        "POST", "/api/messages", "Content-Type: application/json", "Content-Length: " + batch.length());
                yield new Ask(head + batch, 200, '"' + channel + '"', false);
            }
            case 9 -> new Ask(publish(channel, '"' + "x".repeat(random.nextInt(30_000)) + '"'), 200, mark, false);
            default -> new Ask(publish(channel, "[1,2,3]"), 200, mark, false);
        };
    }

    private static Ask last(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> new Ask(head("GET", "/api/channels/open:stream/events"), 200, "", true);
            case 1 ->
                new Ask(
                        RawClient.upgradeRequest(
                                "/ws",
                                "Authorization: Bearer " + Tokens.standard().sign()),
                        101,
                        "",
                        true);
            case 2 ->
                new Ask(
                        "GET /api/node HTTP/1.1\r\nHost: localhost\r\nno header\r\n\r\n",
                        400,
                        "invalid_request",
                        false);
            case 3 -> new Ask("GARBAGE\r\n\r\n", 400, "invalid_request", false);
            default -> new Ask(publish("open:last", "1", "Connection: close"), 200, "open:last", false);
        };
    }

    @Test
    void answersHoldOrderAndNumberInAnyMix() {
        Random random = new Random(13);
        try (ClientSession reader = ClientSession.open(server())) {
            reader.await("welcome");
            reader.subscribe(BEHIND);
            for (int mix = 0; mix < MIXES; mix++) {
                List<Ask> asks = new ArrayList<>();
                for (int i = random.nextInt(10); i >= 0; i--) {
                    asks.add(any(random));
                }
                asks.add(last(random));
                run(mix, asks, random);
            }
            json(ApiClient.withKey(server(), ApiClient.KEY).post("/api/channels/" + BEHIND + "/messages", "\"end\""));
            assertThat(reader.awaitData().asString())
                    .as("nothing behind an end was run")
                    .isEqualTo("end");
        }
    }

    private void run(int mix, List<Ask> asks, Random random) {
        try (RawClient client = RawClient.connect(server().port())) {
            send(client, text(asks) + publish(BEHIND, "1") + publish(BEHIND, "2"), random);
            for (int i = 0; i < asks.size(); i++) {
                assertAnswer(client, asks.get(i), "mix " + mix + ", answer " + i);
            }
            Ask end = asks.get(asks.size() - 1);
            if (end.status() != 101 && !end.text().contains("/events")) {
                assertThat(client.endedWithin(Duration.ofSeconds(5)))
                        .as("mix " + mix + " ends")
                        .isTrue();
            }
        }
    }

    private static String text(List<Ask> asks) {
        StringBuilder all = new StringBuilder();
        asks.forEach(ask -> all.append(ask.text()));
        return all.toString();
    }

    /** In one piece or in two. */
    private static void send(RawClient client, String text, Random random) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int cut = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length);
        client.send(Arrays.copyOf(bytes, cut));
        client.trySend(Arrays.copyOfRange(bytes, cut, bytes.length));
    }

    private static void assertAnswer(RawClient client, Ask ask, String which) {
        HttpAnswer answer = answer(client, ask);
        String what = which + " to " + ask.text().lines().findFirst().orElse("");
        assertThat(answer.status()).as(what + ": " + answer.body()).isEqualTo(ask.status());
        assertThat(answer.body()).as(what).contains(ask.mark());
    }

    private static HttpAnswer answer(RawClient client, Ask ask) {
        HttpAnswer answer = ask.isHead() ? client.answerHead() : client.answer();
        return answer.status() == 100 ? answer(client, ask) : answer;
    }
}
