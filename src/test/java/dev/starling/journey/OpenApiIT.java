package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import dev.starling.api.ApiDocument;
import dev.starling.api.ApiDocument.Operation;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a node answers is what the documents that it serves say, and nothing besides. */
class OpenApiIT {

    private static final String KEPT = "kept:openapi";
    private static final String ROOM = "room:openapi";
    private static final List<String> SCOPES = List.of("publish", "read", "ops");

    /** A path for each call that only asks. */
    private static final Map<String, String> QUESTIONS = Map.ofEntries(
            Map.entry("listChannels", "/api/channels?prefix=room:&limit=1"),
            Map.entry("getChannel", "/api/channels/" + KEPT),
            Map.entry("readHistory", "/api/channels/" + KEPT + "/history?limit=1&order=desc"),
            Map.entry("readPresence", "/api/channels/" + ROOM + "/presence"),
            Map.entry("streamEvents", "/api/channels/" + KEPT + "/events"),
            Map.entry("listConnections", "/api/connections?user=openapi&limit=1"),
            Map.entry("listCloses", "/api/closes?limit=1"),
            Map.entry("listRefusals", "/api/refusals"),
            Map.entry("getNode", "/api/node"),
            Map.entry("getNodeFigures", "/api/node/figures"),
            Map.entry("listNodes", "/api/nodes"),
            Map.entry("listNodesFigures", "/api/nodes/figures"));

    private static ServerProcess server;
    private static ApiDocument document;
    private static ApiClient client;
    private static List<ClientSession> members;

    @BeforeAll
    static void start() {
        server = Nodes.shared().get(0);
        document = ApiDocument.of(server.get("/api/openapi.yaml").body());
        client = ApiClient.of(server);
        client.post("/api/channels/" + KEPT + "/messages", "{\"text\":\"hello\"}");
        client.post("/api/channels/" + KEPT + "/messages", "[ 1 ]");
        client.send("PUT", "/api/refusals/user/openapi-refused?until=" + soon(), "");
        ClientSession.open(server, Tokens.standard().subject("openapi").sign()).leave();
        members = List.of(member(), member());
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> client.ask("/api/channels/" + ROOM).get("members").asInt() == 2
                        && !client.ask("/api/closes").get("items").isEmpty());
    }

    private static ClientSession member() {
        ClientSession member =
                ClientSession.open(server, Tokens.standard().subject("openapi").sign());
        member.await("welcome");
        return member.subscribe(ROOM).subscribe(ROOM + ":2");
    }

    @AfterAll
    static void leave() {
        members.forEach(ClientSession::close);
        client.send("DELETE", "/api/refusals/user/openapi-refused", "");
    }

    private static String question(String id) {
        return Objects.requireNonNull(QUESTIONS.get(id), id);
    }

    private static long soon() {
        return System.currentTimeMillis() + Duration.ofHours(1).toMillis();
    }

    static List<String> questions() {
        return document.operations().stream()
                .filter(operation -> operation.method().equals("GET"))
                .map(Operation::id)
                .toList();
    }

    @Test
    void documentsAreOpenToPagesOfAllOriginsAndOfTheVersionOfTheServer() {
        String version = client.ask("/api/node").get("version").asString();

        for (String name : List.of("openapi", "asyncapi")) {
            HttpResponse<String> answer = server.get("/api/" + name + ".yaml");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/yaml");
            assertThat(answer.headers().firstValue("Access-Control-Allow-Origin"))
                    .hasValue("*");
            assertThat(ApiDocument.of(answer.body()).tree().at("/info/version").asString())
                    .isEqualTo(version);
        }
        assertThat(server.get("/api/nothing.yaml").statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @MethodSource("questions")
    void questionIsAnsweredAsDescribed(String id) {
        if (id.equals("streamEvents")) {
            assertStream(question(id));
        } else {
            JsonNode answer = assertDescribed(id, client.get(question(id)), 200);
            if (answer.has("items")) {
                assertThat(answer.get("items")).as("else it proves little").isNotEmpty();
            }
        }
    }

    private static void assertStream(String path) {
        ApiDocument frames = ApiDocument.of(server.get("/api/asyncapi.yaml").body());
        try (EventStream stream = EventStream.open(server, path, Tokens.standard())) {
            for (String type : List.of("welcome", "subscribed")) {
                JsonNode payload = frames.tree().at("/components/messages/" + type + "/payload");
                assertThat(frames.closed(payload).validate(stream.await(type).json()))
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("questions")
    void questionIsForWhoHasTheScope(String id) {
        List<String> wanted = document.operation(id)
                .tree()
                .path("security")
                .path(0)
                .path("token")
                .valueStream()
                .map(JsonNode::asString)
                .toList();
        String path = question(id);
        String others = String.join(
                " ", SCOPES.stream().filter(scope -> !wanted.contains(scope)).toList());

        assertDescribed(id, server.get(path), 401);
        if (!wanted.isEmpty()) {
            assertDescribed(
                    id, with(Tokens.standard().channels("*").scope(others)).get(path), 403);
            assertDescribed(
                    id,
                    with(Tokens.standard().channels("*").scope(wanted.get(0))).get(path),
                    200);
        }
    }

    private static ApiClient with(Tokens token) {
        return ApiClient.with(server, token);
    }

    @ParameterizedTest
    @CsvSource({
        "listChannels, /api/channels?limit=0, 400",
        "getChannel, /api/channels/no%20name, 400",
        "readHistory, /api/channels/kept:x/history?order=up, 400",
        "readHistory, /api/channels/kept:x/history?cursor=elsewhere:3, 410",
        "readHistory, /api/channels/open:x/history, 410",
        "readPresence, /api/channels/no%20name/presence, 400",
        "readPresence, /api/channels/open:x/presence, 403",
        "streamEvents, /api/channels/kept:x/events?lastEventId=x, 400",
        "streamEvents, /api/channels/shut:x/events, 403",
        "listConnections, /api/connections?limit=1001, 400",
        "listCloses, /api/closes?code=1, 400",
    })
    void refusalIsDescribed(String id, String path, int status) {
        assertDescribed(id, client.get(path), status);
    }

    @Test
    void streamIsForWhoAcceptsOne() {
        String token = "Bearer " + Tokens.standard().sign();

        assertDescribed(
                "streamEvents",
                server.get(question("streamEvents"), "Authorization", token, "Accept", "application/json"),
                406);
    }

    @Test
    void publishIsAnsweredAsDescribed() {
        String path = "/api/channels/" + KEPT + "/messages";

        assertDescribed("publishMessage", client.post(path, "1"), 200);
        assertDescribed("publishMessage", client.post("/api/channels/open:openapi/messages", "1"), 200);
        assertDescribed("publishMessage", client.post(path, "nonsense"), 400);
        assertDescribed("publishMessage", server.send("POST", path, "1"), 401);
        assertDescribed(
                "publishMessage", with(Tokens.standard().scope("read ops")).post(path, "1"), 403);
        assertDescribed(
                "publishMessage", with(Tokens.standard().scope("publish")).post(path, "1"), 403);
        assertDescribed("publishMessage", client.post(path, '"' + "x".repeat(70_000) + '"'), 413);
    }

    @Test
    void batchIsAnsweredAsDescribed() {
        String entries = "{\"channel\":\"" + KEPT + "\",\"data\":1}%s{\"channel\":\"no name\",\"data\":1}%s7";
        String batch = "{\"messages\":[" + entries.formatted(",", ",") + "]}";
        HttpResponse<String> lines =
                client.post("/api/messages", entries.formatted("\n", "\n"), "Content-Type", "application/x-ndjson");

        assertThat(assertDescribed("publishMessages", client.post("/api/messages", batch), 200)
                        .get("failed")
                        .asInt())
                .isEqualTo(2);
        assertThat(lines.headers().firstValue("Content-Type")).hasValue("application/x-ndjson");
        Schema outcome = document.closed(document.schema("Outcome"));
        assertThat(lines.body().lines())
                .hasSize(3)
                .allSatisfy(
                        line -> assertThat(outcome.validate(JsonMapper.shared().readTree(line)))
                                .isEmpty());
        assertDescribed("publishMessages", client.post("/api/messages", "7"), 400);
        assertDescribed("publishMessages", server.send("POST", "/api/messages", batch), 401);
        assertDescribed(
                "publishMessages", with(Tokens.standard().scope("read ops")).post("/api/messages", batch), 403);
        assertDescribed("publishMessages", client.post("/api/messages", '"' + "x".repeat(1_100_000) + '"'), 413);
    }

    @Test
    void operatorIsAnsweredAsDescribed() {
        String user = "/api/refusals/user/openapi-somebody";
        ApiClient nobody = with(Tokens.standard().scope("read publish"));

        assertDescribed("refuseClient", client.send("PUT", user + "?until=" + soon(), ""), 200);
        assertDescribed("refuseClient", client.send("PUT", user + "?until=1", ""), 400);
        assertDescribed("refuseClient", nobody.send("PUT", user + "?until=" + soon(), ""), 403);
        assertDescribed("liftRefusal", client.send("DELETE", user, ""), 204);
        assertDescribed("liftRefusal", client.send("DELETE", "/api/refusals/all/x", ""), 400);
        assertDescribed("disconnectUser", client.send("DELETE", "/api/users/nobody/connections", ""), 200);
        assertDescribed(
                "disconnectUser", client.send("DELETE", "/api/users/nobody/connections?until=" + soon(), ""), 200);
        assertDescribed("disconnectUser", nobody.send("DELETE", "/api/users/nobody/connections", ""), 403);
        assertDescribed("liftRefusal", client.send("DELETE", "/api/refusals/user/nobody", ""), 204);
        assertDescribed("disconnectConnection", client.send("DELETE", "/api/connections/nobody", ""), 404);
        assertDescribed("disconnectConnection", client.send("DELETE", "/api/connections/nobody?until=1", ""), 400);
        assertDescribed("disconnectConnection", nobody.send("DELETE", "/api/connections/nobody", ""), 403);
        assertDescribed("disconnectConnection", client.send("DELETE", "/api/connections/" + connection(), ""), 200);
    }

    private static String connection() {
        ClientSession.open(server, Tokens.standard().subject("openapi-victim").sign())
                .await("welcome");
        return client.ask("/api/connections?user=openapi-victim")
                .get("items")
                .get(0)
                .get("connection")
                .asString();
    }

    /** Has the status, and a body of the type and with the fields that the document has for it. */
    private static JsonNode assertDescribed(String id, HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(id + ": " + answer.body()).isEqualTo(status);
        JsonNode described = document.resolve(
                document.operation(id).tree().required("responses").required(String.valueOf(status)));
        if (!described.has("content")) {
            assertThat(answer.body()).isEmpty();
            return JsonMapper.shared().nullNode();
        }
        String type = answer.headers().firstValue("Content-Type").orElse("none");
        JsonNode content = described.required("content").path(type);
        JsonNode body = JsonMapper.shared().readTree(answer.body());
        assertThat(content.isMissingNode()).as(id + " is answered as " + type).isFalse();
        assertThat(document.closed(content.required("schema")).validate(body))
                .as(id + ": " + answer.body())
                .isEmpty();
        described
                .path("headers")
                .propertyNames()
                .forEach(name ->
                        assertThat(answer.headers().firstValue(name)).as(name).isPresent());
        return body;
    }

    /** By a client that knows nothing of the server but its document. */
    @Test
    void generatedClientPublishesAndReads() {
        NodeRuntime node = NodeRuntime.get();
        String token = Tokens.standard()
                .scope("publish read")
                .channels("kept:*")
                .publish("kept:*")
                .sign();
        try (NodeRuntime.Script script =
                node.run("generated-client.mjs", "http://localhost:" + server.port(), token, "kept:generated")) {
            assertThat(script.awaitSuccess(Duration.ofSeconds(60)).lines())
                    .containsExactly(
                            "published 1 to kept:generated",
                            "published 2 to kept:generated",
                            "{\"text\":\"hello\"} [1]",
                            "subscribers 0, history up to 2",
                            "403 forbidden");
        }
    }
}
