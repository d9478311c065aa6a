package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What operators ask a node by HTTP. */
class ApiIT {

    private static final JsonMapper JSON = new JsonMapper();

    private static ServerProcess server;

    private final List<ClientSession> sessions = new ArrayList<>();

    @BeforeAll
    static void start() {
        server = StandardServer.get();
    }

    @AfterEach
    void close() {
        sessions.forEach(ClientSession::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/node", "/api/node/figures", "/api/connections", "/api/closes", "/api/nothing"})
    void nothingIsOpenToTheTokenless(String path) {
        assertProblem(server.get(path), 401, "no_token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/node/figures", "/api/connections", "/api/closes", "/api/nothing"})
    void restIsForOperators(String path) {
        assertProblem(get(path, Tokens.standard().scope("read write")), 403, "forbidden");
    }

    @Test
    void whoeverHasATokenLearnsWhatTheNodeIs() {
        JsonNode node = JSON.readTree(get("/api/node", Tokens.standard()).body());

        assertThat(node.get("node").asString()).isNotEmpty();
        assertThat(node.get("version").asString()).matches("\\d+\\.\\d+.*");
        assertThat(node.get("startedAt").asLong()).isBetween(1_600_000_000_000L, System.currentTimeMillis());
        assertThat(node.get("broker").asString()).isEqualTo("memory");
        assertThat(node.get("draining").asBoolean()).isFalse();
        assertThat(node.get("ops").asBoolean()).isFalse();
        assertThat(node.get("websocketPath").asString()).isEqualTo("/ws");
        assertThat(node.get("limits").get("maxMessageBytes").asInt()).isEqualTo(65_536);
        assertThat(node.get("limits").get("messageRate").asInt()).isZero();
        assertThat(node.get("limits").get("heartbeatIntervalMillis").asInt()).isEqualTo(30_000);
        assertThat(node.get("limits").get("presenceMaxMembers").asInt()).isEqualTo(1000);
        assertThat(ask("/api/node").get("ops").asBoolean()).isTrue();
    }

    @Test
    void figuresAreTotalsThatGrowWithWhatIsDone() {
        JsonNode before = ask("/api/node/figures");
        ClientSession session = connect("figures");
        session.subscribe("open:figures").publish("open:figures", "1").awaitData();
        JsonNode during = ask("/api/node/figures");
        session.leave();

        assertThat(during.get("node")).isEqualTo(ask("/api/node").get("node"));
        for (String total : List.of("messagesIn", "messagesOut", "bytesIn", "bytesOut")) {
            assertThat(during.get(total).asLong())
                    .as(total)
                    .isGreaterThan(before.get(total).asLong());
        }
        for (String present : List.of("connections", "subscriptions", "channels", "heapUsedBytes", "processors")) {
            assertThat(during.get(present).asLong()).as(present).isPositive();
        }
        assertThat(during.get("cpuSeconds").asDouble()).isPositive();
        assertThat(during.get("heapMaxBytes").asLong()).isGreaterThan(100_000_000);
        assertThat(during.get("brokerRoundTrip").isNull()).isTrue();
        assertThat(during.get("refusals").has("invalid_token")).isTrue();
        JsonNode fanout = during.get("fanout");
        assertThat(fanout.get("count").asLong())
                .isGreaterThan(before.get("fanout").get("count").asLong());
        assertThat(StreamSupport.stream(fanout.get("buckets").spliterator(), false)
                        .map(bucket -> bucket.get("seconds").asDouble()))
                .containsExactly(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0);
        assertThat(fanout.get("buckets").get(6).get("count").asLong())
                .isLessThanOrEqualTo(fanout.get("count").asLong());
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> closes(ask("/api/node/figures"), "1000") > closes(before, "1000"));
    }

    @Test
    void connectionsComeInPagesEachOnce() {
        for (int i = 0; i < 7; i++) {
            connect("pages-" + i);
        }
        List<String> ids = new ArrayList<>();
        List<String> users = new ArrayList<>();
        String cursor = "";
        for (int page = 0; page < 3; page++) {
            JsonNode answer = ask("/api/connections?query=pages-&limit=3&cursor=" + cursor);
            answer.get("items").forEach(item -> ids.add(item.get("connection").asString()));
            answer.get("items").forEach(item -> users.add(item.get("user").asString()));
            assertThat(answer.has("cursor")).isEqualTo(page < 2);
            cursor = answer.path("cursor").asString("");
        }

        assertThat(ids).hasSize(7).isSorted();
        assertThat(users)
                .containsExactlyInAnyOrder("pages-0", "pages-1", "pages-2", "pages-3", "pages-4", "pages-5", "pages-6");
    }

    @Test
    void connectionIsFoundByItsUserAddressOrId() {
        ClientSession session = ClientSession.open(server, user("Finder").sign());
        sessions.add(session);
        JsonNode welcome = session.await("welcome");
        session.subscribe("open:found");
        String id = welcome.get("connection").asString();

        JsonNode found = ask("/api/connections?query=fINDER").get("items");
        assertThat(found).hasSize(1);
        assertThat(found.get(0).get("connection").asString()).isEqualTo(id);
        assertThat(found.get(0).get("node")).isEqualTo(welcome.get("node"));
        assertThat(found.get(0).get("address").asString()).isEqualTo("127.0.0.1");
        assertThat(found.get(0).get("subscriptions").asInt()).isEqualTo(1);
        assertThat(found.get(0).get("messagesIn").asInt()).isEqualTo(1);
        assertThat(found.get(0).get("messagesOut").asInt()).isEqualTo(2);
        assertThat(found.get(0).has("roundTripMillis")).as("not pinged yet").isFalse();
        assertThat(ask("/api/connections?query=" + id).get("items")).hasSize(1);
        assertThat(ask("/api/connections?query=127.0.0.1").get("items").isEmpty())
                .isFalse();
        assertThat(ask("/api/connections?query=nobody-at-all").get("items").isEmpty())
                .isTrue();
    }

    @Test
    void whyAConnectionEndedIsRemembered() {
        ClientSession leaver = connect("leaver");
        leaver.leave();
        ClientSession breaker = connect("leaver");
        for (int i = 0; i < 20; i++) {
            breaker.send("nonsense");
        }
        breaker.awaitClosed();

        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> ask("/api/closes?query=LEAVER").get("items").size() == 2);
        JsonNode answer = ask("/api/closes?query=LEAVER");
        JsonNode last = answer.get("items").get(0);
        JsonNode first = answer.get("items").get(1);
        assertThat(first.get("code").asInt()).isEqualTo(1000);
        assertThat(first.get("initiator").asString()).isEqualTo("client");
        assertThat(last.get("code").asInt()).isEqualTo(4502);
        assertThat(last.get("reason").asString()).isEqualTo("too_many_errors");
        assertThat(last.get("initiator").asString()).isEqualTo("server");
        assertThat(last.get("messagesIn").asInt()).isBetween(11, 20);
        assertThat(last.get("time").asLong())
                .isGreaterThanOrEqualTo(first.get("time").asLong());
        assertThat(last.get("node").asString()).isNotEmpty();
        assertThat(answer.get("forgotten").asLong()).isNotNegative();
        assertThat(ask("/api/closes?query=leaver&code=4502").get("items")).hasSize(1);
        assertThat(ask("/api/closes?query=leaver&limit=1").get("items").get(0)).isEqualTo(last);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/connections?limit=0, limit",
        "/api/connections?limit=1001, limit",
        "/api/connections?limit=many, limit",
        "/api/closes?limit=-1, limit",
        "/api/closes?code=999, code",
        "/api/closes?code=1000.5, code",
    })
    void badParameterIsNamed(String path, String parameter) {
        HttpResponse<String> answer = get(path, Tokens.standard().scope("ops"));

        assertProblem(answer, 400, "invalid_parameter");
        assertThat(JSON.readTree(answer.body()).get("detail").asString()).startsWith(parameter + " ");
    }

    @Test
    void textIsNoLongerThanItCanBe() {
        for (String parameter : List.of("query", "cursor")) {
            String path = "/api/connections?" + parameter + "=" + "x".repeat(256);

            assertProblem(get(path, Tokens.standard().scope("ops")), 400, "invalid_parameter");
        }
    }

    @Test
    void whatIsNotThereIsAProblemToo() {
        assertProblem(get("/api/nothing", Tokens.standard().scope("ops")), 404, "not_found");
    }

    private ClientSession connect(String user) {
        ClientSession session = ClientSession.open(server, user(user).sign());
        sessions.add(session);
        session.await("welcome");
        return session;
    }

    private static Tokens user(String name) {
        return Tokens.standard().subject(name);
    }

    private static long closes(JsonNode figures, String code) {
        return figures.get("closes").get(code).asLong();
    }

    private static JsonNode ask(String path) {
        HttpResponse<String> answer = get(path, Tokens.standard().scope("ops"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static HttpResponse<String> get(String path, Tokens token) {
        return server.get(path, "Authorization", "Bearer " + token.sign());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/node",
                "/api/nodes",
                "/api/channels",
                "/api/connections?limit=1",
                "/api/refusals",
                "/api/nothing",
                "/api/connections?limit=x"
            })
    void everyAnswerIsOneLine(String path) {
        assertThat(get(path, Tokens.standard().scope("read ops")).body()).matches("\\{.*}\n");
    }

    @Test
    void answersOfPublishesAndRefusalsAreOneLine() {
        ApiClient client = ApiClient.of(server);

        assertThat(client.post("/api/channels/open:line/messages", "1").body()).matches("\\{.*}\n");
        assertThat(client.post("/api/channels/open:line/messages", "{").body()).matches("\\{.*}\n");
        assertThat(client.post(
                                "/api/messages",
                                "{\"channels\":[\"open:line\"],\"data\":1}",
                                "Content-Type",
                                "application/json")
                        .body())
                .matches("\\{.*}\n");
        assertThat(server.get("/api/node").body()).matches("\\{.*}\n");
    }

    private static void assertProblem(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = JSON.readTree(answer.body());
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("code").asString()).isEqualTo(code);
    }
}
