package dev.starling.journey;

import static dev.starling.journey.ApiClient.json;
import static dev.starling.journey.ApiClient.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each user and each key has its own rate at a node. */
class RequestRateIT {

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with("starling.api.request-rate=1", "starling.api.request-burst=3")
                .and(ApiClient.KEY_PROPERTIES)
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whoAsksTooOftenIsToldWhenToComeBackAndNobodyElseIs() {
        double before = server.metrics().value("ws_api_rate_limited_total");
        ApiClient ann = ApiClient.with(
                server, Tokens.standard().subject("ann").scope("read").channels("*"));
        for (int i = 0; i < 3; i++) {
            ann.ask("/api/channels/open:x");
        }
        assertLimited(ann.get("/api/channels/open:x"));
        assertLimited(ann.get("/api/node"));
        ApiClient.with(server, Tokens.standard().subject("bob").scope("read").channels("*"))
                .ask("/api/channels/open:x");
        assertThat(server.metrics().value("ws_api_rate_limited_total")).isEqualTo(before + 2);
    }

    @Test
    void publishesHaveTheSameRateWhicheverWayTheyTake() {
        ApiClient key = ApiClient.withKey(server, ApiClient.KEY);
        json(key.post("/api/channels/open:rate/messages", "1"));
        json(key.post("/api/channels/open:r%61te/messages", "2"));
        json(key.post("/api/channels/open:rate/messages", "3"));
        assertLimited(key.post("/api/channels/open:rate/messages", "4"));
        assertLimited(key.post("/api/channels/open:r%61te/messages", "5"));
        assertLimited(key.post("/api/messages", "{\"channels\":[\"open:rate\"],\"data\":6}"));
    }

    @Test
    void messagesOfABatchCountEach() {
        ApiClient backend = publisher("batch");
        json(backend.post("/api/messages", "{\"channels\":[\"open:1\",\"open:2\",\"open:3\"],\"data\":1}"));
        assertLimited(backend.post("/api/channels/open:rate/messages", "4"));

        ApiClient other = publisher("other");
        json(other.post("/api/channels/open:rate/messages", "1"));
        assertLimited(
                other.post(
                        "/api/messages",
                        "{\"messages\":[{\"channel\":\"open:1\",\"data\":1},{\"channel\":\"open:1\",\"data\":2},{\"channel\":\"open:1\",\"data\":3}]}"));
    }

    @Test
    void linesAreReadNoFasterThanTheRateAndNoneIsLost() {
        long start = System.nanoTime();
        HttpResponse<String> answer = publisher("lines")
                .post(
                        "/api/messages",
                        "{\"channel\":\"open:rate\",\"data\":1}\n".repeat(5),
                        "Content-Type",
                        "application/x-ndjson");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body().lines()).hasSize(5).noneMatch(line -> line.contains("error"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(2500));
    }

    @Test
    void otherSpellingOfThePathCountsToo() {
        ApiClient caller = ApiClient.with(
                server, Tokens.standard().subject("speller").scope("read").channels("*"));
        for (String path : new String[] {"/%61pi/node", "/ap%69/channels/open:x", "/api/nod%65"}) {
            caller.ask(path);
        }
        assertLimited(caller.get("/%61pi/node"));
        problem(caller.get("/api;x/node"), 400, "invalid_path");
    }

    private static ApiClient publisher(String user) {
        return ApiClient.with(
                server, Tokens.standard().subject(user).scope("publish").publish("*"));
    }

    private static void assertLimited(HttpResponse<String> answer) {
        problem(answer, 429, "rate_limited");
        assertThat(answer.headers().firstValue("Retry-After").orElse("")).isIn("1", "2");
    }
}
