package dev.starling.journey;

import static dev.starling.journey.ApiClient.json;
import static dev.starling.journey.ApiClient.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the API says when a node or Redis does not answer. */
class FleetOutageIT {

    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final Duration AT_ONCE = Duration.ofSeconds(4);

    private static RedisServer redis;
    private static Nodes nodes;

    @BeforeAll
    static void start() {
        redis = RedisServer.startDurable();
        nodes = Nodes.start(
                2,
                redis.properties(),
                "starling.nodes.heartbeat=500ms",
                "starling.nodes.ttl=3s",
                "starling.api.fleet-timeout=500ms");
    }

    @AfterAll
    static void stop() {
        nodes.close();
        redis.close();
    }

    @Test
    void nodeThatHangsIsNamedAndOneThatIsGoneIsForgotten() {
        ApiClient api = ApiClient.of(nodes.get(0));
        Awaitility.await()
                .atMost(BOUND)
                .until(() -> api.ask("/api/nodes").get("items").size() == 2);
        String other = ApiClient.of(nodes.get(1)).ask("/api/node").get("node").asString();
        nodes.get(1).signal("STOP");
        try {
            long start = System.nanoTime();
            JsonNode answer = api.ask("/api/connections");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE);
            assertThat(answer.get("missing")).hasSize(1);
            assertThat(answer.at("/missing/0/node").asString()).isEqualTo(other);
            assertThat(answer.at("/missing/0/reason").asString()).isEqualTo("silent");
            Awaitility.await().atMost(BOUND).until(() -> {
                JsonNode nodesNow = api.ask("/api/nodes");
                return nodesNow.get("items").size() == 1
                        && nodesNow.get("missing").isEmpty();
            });
        } finally {
            nodes.get(1).signal("CONT");
        }
        Awaitility.await("it is back")
                .atMost(BOUND)
                .until(() -> api.ask("/api/nodes").get("items").size() == 2);
    }

    @Test
    @SuppressWarnings("try") // to close it is to kill it
    void nodeThatIsKilledInTheMiddleOfQuestionsIsNamedUntilItsTimeIsOver() {
        ApiClient api = ApiClient.of(nodes.get(0));
        try (ServerProcess doomed = Nodes.launch(
                        redis.properties(), "starling.nodes.heartbeat=500ms", "starling.nodes.ttl=3s")
                .start()) {
            Awaitility.await()
                    .atMost(BOUND)
                    .until(() -> api.ask("/api/nodes").get("items").size() == 3);
            String name = ApiClient.of(doomed).ask("/api/node").get("node").asString();
            CompletableFuture<Boolean> wasNamed = CompletableFuture.supplyAsync(() -> {
                boolean named = false;
                JsonNode answer;
                do { // each of these is answered well, whoever dies meanwhile
                    answer = api.ask("/api/connections");
                    named |= answer.at("/missing/0/node").asString("").equals(name);
                } while (!named || !answer.get("missing").isEmpty());
                return true;
            });
            doomed.close();

            assertThat(wasNamed).succeedsWithin(BOUND).isEqualTo(true);
            assertThat(api.ask("/api/nodes").get("items")).hasSize(2);
        }
    }

    @Test
    void whileRedisIsAwayNothingIsHalfDoneAndTheAnswerIsWhenToComeBack() {
        ApiClient api = ApiClient.of(nodes.get(0));
        json(api.post("/api/channels/kept:outage/messages", "1"));
        redis.kill();
        try {
            for (String path : List.of("/api/channels/kept:outage/messages", "/api/channels/open:outage/messages")) {
                unavailable(api.post(path, "2"));
            }
            for (String path :
                    List.of("/api/nodes", "/api/connections", "/api/channels", "/api/channels/kept:outage/history")) {
                unavailable(api.get(path));
            }
            unavailable(api.send("DELETE", "/api/users/ann/connections", ""));
            unavailable(api.send("PUT", "/api/refusals/user/ann?until=" + (System.currentTimeMillis() + 60_000), ""));
            JsonNode batch =
                    json(api.post("/api/messages", "{\"channels\":[\"kept:outage\",\"open:outage\"],\"data\":2}"));
            assertThat(batch.get("failed").asInt()).isEqualTo(2);
            assertThat(batch.at("/results/0/error/retry").asBoolean()).isTrue();
            api.ask("/api/node");
        } finally {
            redis.restart();
        }
        nodes.awaitReady();
        Awaitility.await().atMost(BOUND).until(() -> api.get("/api/nodes").statusCode() == 200);
        assertThat(api.ask("/api/channels/kept:outage/history").get("items")).hasSize(1);
    }

    private static void unavailable(HttpResponse<String> answer) {
        problem(answer, 503, "broker_unavailable");
        assertThat(answer.headers().firstValue("Retry-After").orElse("")).matches("[1-9]\\d*");
    }
}
