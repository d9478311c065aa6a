package dev.starling.journey;

import static dev.starling.journey.ApiClient.json;
import static dev.starling.journey.ApiClient.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Back ends publish by HTTP. */
class HttpPublishIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String[] LINES = {"Content-Type", "application/x-ndjson"};

    private static ServerProcess server;
    private static ApiClient backend;

    @BeforeAll
    static void start() {
        server = StandardServer.get();
        backend = ApiClient.of(server);
    }

    @Test
    void bytesArriveAsTheyWereWritten() {
        String odd = "{ \"n\": 1.00000000000000000000001e0,\n  \"a\":[ 1 ,2],\"\\u00e9\":\"\\/\" }";
        try (ClientSession reader = ClientSession.open(server)) {
            reader.await("welcome");
            reader.subscribe("open:http-bytes");
            JsonNode answer = json(backend.post("/api/channels/open:http-bytes/messages", " \n" + odd + "\n"));

            assertThat(answer.get("channel").asString()).isEqualTo("open:http-bytes");
            assertThat(answer.has("offset")).as("it keeps no history").isFalse();
            assertThat(reader.awaitText(text -> text.contains("\"message\""))).contains("\"data\":" + odd + "}");
        }
    }

    @Test
    void nameMayHaveWhatAPathMustNot() {
        try (ClientSession reader = ClientSession.open(server)) {
            reader.await("welcome");
            reader.subscribe("open:a/b;c%d//e");
            json(backend.post("/api/channels/open:a%2Fb%3Bc%25d%2F%2Fe/messages", "7"));

            assertThat(reader.awaitData().asInt()).isEqualTo(7);
        }
    }

    @Test
    void keyMakesItOneMessage() {
        try (ClientSession reader = ClientSession.open(server)) {
            reader.await("welcome");
            reader.subscribe("open:http-key");
            for (int i = 0; i < 3; i++) {
                json(backend.post("/api/channels/open:http-key/messages", "1", "Idempotency-Key", "order-1"));
            }
            json(backend.post("/api/channels/open:http-key/messages", "2", "Idempotency-Key", "order-2"));

            assertThat(reader.awaitData().asInt()).isEqualTo(1);
            assertThat(reader.awaitData().asInt()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "open:x | nonsense | 400 | malformed",
                "open:x | '' | 400 | malformed",
                "open:x | 1 2 | 400 | malformed",
                "open:x | {\"a\":1 | 400 | malformed",
                "open:%20 | 1 | 400 | invalid_channel",
                "open:%7Bx%7D | 1 | 400 | invalid_channel",
                "open:%C3%A9 | 1 | 400 | invalid_channel",
            })
    void whatCantBePublishedIsAProblem(String channel, String body, int status, String code) {
        problem(backend.post("/api/channels/" + channel + "/messages", body), status, code);
    }

    @Test
    void messageOverTheLimitIsRefused() {
        String path = "/api/channels/open:large/messages";

        json(backend.post(path, '"' + "x".repeat(65_534) + '"'));
        problem(backend.post(path, '"' + "x".repeat(65_535) + '"'), 413, "too_large");
    }

    @Test
    void keyOverTheLimitIsRefused() {
        String path = "/api/channels/open:key/messages";

        json(backend.post(path, "1", "Idempotency-Key", "k".repeat(128)));
        problem(backend.post(path, "1", "Idempotency-Key", "k".repeat(129)), 400, "invalid_parameter");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/channels/open:x/messages", "/api/messages"})
    void whoMayNotIsRefused(String path) {
        problem(server.send("POST", path, "1"), 401, "no_token");
        problem(
                ApiClient.with(server, Tokens.standard().scope("read ops").publish("*"))
                        .post(path, "1"),
                403,
                "forbidden");
        problem(
                ApiClient.withKey(server, "not-a-key-but-as-long-as-one-has-to-be")
                        .post(path, "1"),
                401,
                "invalid_token");
    }

    @Test
    void tokenSaysWhichChannels() {
        ApiClient some =
                ApiClient.with(server, Tokens.standard().scope("publish").publish("shut:*"));

        json(some.post("/api/channels/shut:for-clients/messages", "1"));
        problem(some.post("/api/channels/open:for-clients/messages", "1"), 403, "forbidden");
    }

    @Test
    void keyDoesAsATokenAndOnlyHere() {
        ApiClient key = ApiClient.withKey(server, ApiClient.KEY);

        json(key.post("/api/channels/open:by-key/messages", "1"));
        problem(key.post("/api/channels/other:by-key/messages", "1"), 403, "forbidden");
        problem(key.get("/api/connections"), 403, "forbidden");
        assertThat(server.get("/ws", "X-API-Key", ApiClient.KEY).statusCode()).isEqualTo(401);
    }

    @Test
    void oneMessageGoesToManyChannels() {
        JsonNode answer = json(backend.post(
                "/api/messages", "{\"channels\":[\"open:m1\",\"no name\",\"open:m2\",3],\"data\":{\"x\":1}}"));

        assertThat(answer.get("published").asInt()).isEqualTo(2);
        assertThat(answer.get("failed").asInt()).isEqualTo(2);
        assertThat(answer.get("results")).hasSize(4);
        assertThat(answer.at("/results/0/channel").asString()).isEqualTo("open:m1");
        assertThat(answer.at("/results/1/error/code").asString()).isEqualTo("invalid_channel");
        assertThat(answer.at("/results/2/index").asInt()).isEqualTo(2);
        assertThat(answer.at("/results/3/error/retry").asBoolean()).isFalse();
    }

    @Test
    void manyMessagesAreABatch() {
        try (ClientSession reader = ClientSession.open(server)) {
            reader.await("welcome");
            reader.subscribe("open:batch");
            JsonNode answer = json(backend.post(
                    "/api/messages",
                    "{\"messages\":[{\"channel\":\"open:batch\",\"data\":1},{\"channel\":\"open:batch\"},"
                            + "{\"channel\":\"open:batch\",\"data\":[ 2 ],\"key\":\"k\"},7]}"));

            assertThat(answer.get("published").asInt()).isEqualTo(2);
            assertThat(answer.at("/results/1/error/code").asString()).isEqualTo("malformed");
            assertThat(answer.at("/results/3/error/code").asString()).isEqualTo("malformed");
            assertThat(reader.awaitData().asInt()).isEqualTo(1);
            assertThat(reader.awaitData().get(0).asInt()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"messages\":1}",
                "{\"channels\":[\"a\"]}",
                "{\"messages\":[],\"channels\":[],\"data\":1}"
            })
    void whatIsNoBatchIsAProblem(String body) {
        problem(backend.post("/api/messages", body), 400, "malformed");
    }

    @Test
    void batchHasItsLimits() {
        problem(backend.post("/api/messages", batch(1001)), 413, "too_large");
        problem(backend.post("/api/messages", "{\"messages\":[\"" + "x".repeat(1_048_576) + "\"]}"), 413, "too_large");
        String sixtyKilobytes = batch(100).replace("null", '"' + "x".repeat(60_000) + '"');
        problem(backend.post("/api/messages", sixtyKilobytes), 413, "too_large");
        assertThat(json(backend.post("/api/messages", batch(1000)))
                        .get("published")
                        .asInt())
                .isEqualTo(1000);
    }

    private static String batch(int size) {
        return "{\"channels\":"
                + JSON.writeValueAsString(
                        IntStream.range(0, size).mapToObj(i -> "open:" + i).toList()) + ",\"data\":null}";
    }

    @Test
    void badLineKeepsNoOtherFromBeingPublishedAndOneThatIsTooLongIsTheLast() {
        String body = "{\"channel\":\"open:lines\",\"data\":1}\r\n\nnonsense\n{\"channel\":\"open:lines\",\"data\":2}\n"
                + "x".repeat(70_000);
        HttpResponse<String> answer = backend.post("/api/messages", body, LINES);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/x-ndjson");
        List<JsonNode> outcomes = answer.body().lines().map(JSON::readTree).toList();
        assertThat(outcomes).hasSize(4);
        assertThat(outcomes.get(0).has("error")).isFalse();
        assertThat(outcomes.get(1).at("/error/code").asString()).isEqualTo("malformed");
        assertThat(outcomes.get(2).get("index").asInt()).isEqualTo(2);
        assertThat(outcomes.get(2).has("error")).isFalse();
        assertThat(outcomes.get(3).at("/error/code").asString()).isEqualTo("too_large");
    }

    @Test
    void hundredThousandMessagesComeInOneRequestAndInOrder() throws Exception {
        int count = 100_000;
        try (ClientSession reader = ClientSession.open(server)) {
            reader.await("welcome");
            reader.subscribe("open:bulk-end");
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://localhost:" + server.port() + "/api/messages"))
                    .header(
                            "Authorization",
                            "Bearer "
                                    + Tokens.standard()
                                            .scope("publish")
                                            .publish("*")
                                            .sign())
                    .header("Content-Type", "application/x-ndjson")
                    .POST(HttpRequest.BodyPublishers.ofInputStream(() -> lines(count)))
                    .build();
            HttpResponse<java.util.stream.Stream<String>> answer =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofLines());

            assertThat(answer.statusCode()).isEqualTo(200);
            int[] next = {0};
            answer.body().forEach(line -> {
                assertThat(line).startsWith("{\"index\":" + next[0]++ + ',').doesNotContain("error");
            });
            assertThat(next[0]).isEqualTo(count);
            for (int i = 0; i < 10; i++) {
                assertThat(reader.awaitData().asInt()).isEqualTo(count - 10 + i);
            }
        }
    }

    /** The last ten go to a channel that somebody reads. */
    private static InputStream lines(int count) {
        List<InputStream> parts = new ArrayList<>();
        Iterator<InputStream> each = IntStream.range(0, count)
                .mapToObj(i -> "{\"channel\":\"open:bulk" + (i < count - 10 ? "" : "-end") + "\",\"data\":" + i + "}\n")
                .map(line -> (InputStream) new java.io.ByteArrayInputStream(line.getBytes(StandardCharsets.US_ASCII)))
                .iterator();
        each.forEachRemaining(parts::add);
        return new SequenceInputStream(Collections.enumeration(parts));
    }
}
