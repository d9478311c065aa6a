package dev.starling.journey;

import static dev.starling.journey.ApiClient.json;
import static dev.starling.journey.ApiClient.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Each node answers for all. */
class FleetIT {

    private static final Duration BOUND = Duration.ofSeconds(10);

    private static Nodes nodes;

    private final String id = UUID.randomUUID().toString();
    private final List<ClientSession> sessions = new ArrayList<>();

    @BeforeAll
    static void start() {
        nodes = Nodes.shared();
    }

    @AfterEach
    void close() {
        sessions.forEach(ClientSession::close);
    }

    private static ApiClient api(int node) {
        return ApiClient.of(nodes.get(node));
    }

    private ClientSession connect(int node, String user) {
        return connect(node, Tokens.standard().subject(user));
    }

    private ClientSession connect(int node, Tokens token) {
        ClientSession session = ClientSession.open(nodes.get(node), token.sign());
        sessions.add(session);
        return session;
    }

    private static List<String> texts(JsonNode page, String field) {
        List<String> texts = new ArrayList<>();
        page.get("items").forEach(item -> texts.add(item.get(field).asString()));
        return texts;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void nodesAreListed(int asked) {
        JsonNode answer = api(asked).ask("/api/nodes");

        assertThat(answer.get("items")).hasSize(2);
        assertThat(answer.get("missing")).isEmpty();
        for (JsonNode node : answer.get("items")) {
            assertThat(node.get("broker").asString()).isEqualTo("redis");
            assertThat(node.get("brokerUp").asBoolean()).isTrue();
            assertThat(node.get("ready").asBoolean()).isTrue();
            assertThat(node.get("draining").asBoolean()).isFalse();
            assertThat(node.at("/limits/maxMessageBytes").asInt()).isEqualTo(65_536);
        }
        assertThat(texts(answer, "node"))
                .isSorted()
                .contains(api(asked).ask("/api/node").get("node").asString());
        assertThat(api(asked).ask("/api/nodes/figures").get("items")).hasSize(2);
    }

    @Test
    void channelsOfAllNodesAreCountedTogetherAndPaged() {
        for (int i = 0; i < 5; i++) {
            ClientSession session = connect(i % 2, "counter");
            session.await("welcome");
            for (int channel = 0; channel <= i; channel++) {
                session.subscribe("open:" + id + ":" + channel);
            }
        }
        for (int asked = 0; asked < 2; asked++) {
            JsonNode first = api(asked).ask("/api/channels?limit=3&prefix=open:" + id);
            JsonNode second = api(asked)
                    .ask("/api/channels?limit=3&prefix=open:" + id + "&cursor="
                            + first.get("cursor").asString());
            assertThat(texts(first, "channel"))
                    .containsExactly("open:" + id + ":0", "open:" + id + ":1", "open:" + id + ":2");
            assertThat(texts(first, "subscribers")).containsExactly("5", "4", "3");
            assertThat(texts(second, "subscribers")).containsExactly("2", "1");
            assertThat(second.has("cursor")).isFalse();
            assertThat(api(asked)
                            .ask("/api/channels/open:" + id + ":1")
                            .get("subscribers")
                            .asInt())
                    .isEqualTo(4);
        }
        ApiClient other =
                ApiClient.with(nodes.get(0), Tokens.standard().scope("read").channels("open:" + id + ":4"));
        assertThat(texts(other.ask("/api/channels?prefix=open:" + id), "channel"))
                .as("who may read one sees one")
                .containsExactly("open:" + id + ":4");
    }

    @Test
    void historyIsReadFromBothEnds() {
        String path = "/api/channels/kept:" + id;
        for (int i = 1; i <= 7; i++) {
            JsonNode answer = json(api(i % 2).post(path + "/messages", "{ \"n\" : " + i + " }"));
            assertThat(answer.get("offset").asInt()).isEqualTo(i);
        }
        for (int asked = 0; asked < 2; asked++) {
            assertThat(offsets(asked, path + "/history?limit=3")).containsExactly("1 2 3", "4 5 6", "7");
            assertThat(offsets(asked, path + "/history?limit=3&order=desc")).containsExactly("7 6 5", "4 3 2", "1");
            HttpResponse<String> page = api(asked).get(path + "/history?limit=1");
            assertThat(page.body()).contains("\"data\":{ \"n\" : 1 }");
            JsonNode channel = api(asked).ask(path);
            assertThat(channel.at("/history/offset").asInt()).isEqualTo(7);
            assertThat(channel.has("members")).isFalse();
        }
        problem(api(0).get(path + "/history?cursor=elsewhere:3"), 410, "unrecoverable_position");
        problem(api(0).get("/api/channels/open:x/history"), 410, "unrecoverable_position");
    }

    private static List<String> offsets(int node, String path) {
        List<String> pages = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            JsonNode page = api(node).ask(path + cursor);
            pages.add(String.join(" ", texts(page, "offset")));
            cursor = page.has("cursor") ? "&cursor=" + page.get("cursor").asString() : null;
        }
        return pages;
    }

    @Test
    void idempotencyKeyHoldsOnAllNodes() {
        String path = "/api/channels/kept:" + id + "/messages";
        for (int i = 0; i < 4; i++) {
            JsonNode answer = json(api(i % 2).post(path, "1", "Idempotency-Key", "once"));
            assertThat(answer.get("offset").asInt()).isEqualTo(1);
        }
    }

    @Test
    void membersAreThoseOfAllNodes() {
        connect(0, "ann").subscribe("room:" + id);
        connect(1, "bob").subscribe("room:" + id);

        Awaitility.await()
                .atMost(BOUND)
                .until(() -> presence(0).size() == 2 && presence(1).size() == 2);
        assertThat(presence(0)).containsExactlyInAnyOrder("ann", "bob");
        assertThat(api(1).ask("/api/channels/room:" + id).get("members").asInt())
                .isEqualTo(2);
        problem(api(0).get("/api/channels/open:" + id + "/presence"), 403, "forbidden");
    }

    private List<String> presence(int node) {
        return texts(api(node).ask("/api/channels/room:" + id + "/presence"), "user");
    }

    @Test
    void connectionsAndClosesOfAllNodesAreFoundOnEach() {
        String user = "user-" + id;
        ClientSession here = connect(0, user);
        ClientSession there = connect(1, user);
        here.await("welcome");
        there.await("welcome");

        for (int asked = 0; asked < 2; asked++) {
            JsonNode answer = api(asked).ask("/api/connections?user=" + user);
            assertThat(answer.get("items")).hasSize(2);
            assertThat(texts(answer, "connection")).isSorted();
            assertThat(texts(answer, "node")).doesNotHaveDuplicates();
            assertThat(api(asked)
                            .ask("/api/connections?user=" + user + "&address=192.0.2.1")
                            .get("items"))
                    .isEmpty();
            JsonNode page = api(asked).ask("/api/connections?limit=1&user=" + user);
            assertThat(api(asked)
                            .ask("/api/connections?limit=1&user=" + user + "&cursor="
                                    + page.get("cursor").asString())
                            .get("items"))
                    .hasSize(1);
        }
        here.leave();
        there.leave();
        Awaitility.await()
                .atMost(BOUND)
                .until(() -> api(0).ask("/api/closes?user=" + user).get("items").size() == 2);
        JsonNode first = api(1).ask("/api/closes?limit=1&user=" + user);
        JsonNode second = api(1).ask("/api/closes?limit=1&user=" + user + "&cursor="
                + first.get("cursor").asString());
        assertThat(first.at("/items/0/time").asLong())
                .isGreaterThanOrEqualTo(second.at("/items/0/time").asLong());
        assertThat(second.has("cursor")).isFalse();
        assertThat(texts(first, "connection")).isNotEqualTo(texts(second, "connection"));
    }

    @Test
    void operatorEndsAConnectionOrAllOfAUserOnAnyNode() {
        String user = "bye-" + id;
        ClientSession one = connect(0, user);
        String connection = one.await("welcome").get("connection").asString();
        JsonNode answer = json(api(1).send("DELETE", "/api/connections/" + connection, ""));
        assertThat(answer.get("closed").asInt()).isEqualTo(1);
        assertThat(one.awaitClosed().code()).isEqualTo(4503);
        problem(api(1).send("DELETE", "/api/connections/" + connection, ""), 404, "not_found");

        List<ClientSession> more = List.of(connect(0, user), connect(1, user));
        more.forEach(session -> session.await("welcome"));
        assertThat(json(api(0).send("DELETE", "/api/users/" + user + "/connections", ""))
                        .get("closed")
                        .asInt())
                .isEqualTo(2);
        more.forEach(session -> assertThat(session.awaitClosed().code()).isEqualTo(4503));
        connect(0, user).await("welcome");
    }

    @Test
    void refusedUserIsOutOnAllNodesUntilThatIsLifted() {
        String user = "out-" + id;
        List<ClientSession> both = List.of(connect(0, user), connect(1, user));
        both.forEach(session -> session.await("welcome"));
        long until = System.currentTimeMillis() + TimeUnit.MINUTES.toMillis(5);

        JsonNode answer = json(api(0).send("DELETE", "/api/users/" + user + "/connections?until=" + until, ""));
        assertThat(answer.at("/refused/name").asString()).isEqualTo(user);
        both.forEach(session -> assertThat(session.awaitClosed().code()).isEqualTo(4501));
        for (int node = 0; node < 2; node++) {
            assertThat(upgrade(node, Tokens.standard().subject(user))).isEqualTo(401);
            assertThat(texts(api(node).ask("/api/refusals"), "name")).contains(user);
        }
        assertThat(api(1).send("DELETE", "/api/refusals/user/" + user, "").statusCode())
                .isEqualTo(204);
        Awaitility.await()
                .atMost(BOUND)
                .until(() -> upgrade(0, Tokens.standard().subject(user)) == 426);
    }

    @Test
    void refusedTokenIsOutAndTheUsersOtherTokensAreNot() {
        Tokens lost = Tokens.standard().subject("ann-" + id).id("lost-" + id);
        ClientSession thief = connect(1, lost);
        String connection = thief.await("welcome").get("connection").asString();
        long until = System.currentTimeMillis() + TimeUnit.MINUTES.toMillis(5);

        json(api(0).send("DELETE", "/api/connections/" + connection + "?refuse=token&until=" + until, ""));
        assertThat(thief.awaitClosed().code()).isEqualTo(4501);
        assertThat(upgrade(0, lost)).isEqualTo(401);
        assertThat(upgrade(0, Tokens.standard().subject("ann-" + id))).isEqualTo(426);
    }

    private static int upgrade(int node, Tokens token) {
        return nodes.get(node)
                .get("/ws", "Authorization", "Bearer " + token.sign())
                .statusCode();
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    /api/channels?limit=0, limit",
        "GET,    /api/channels/kept:x/history?order=up, order",
        "GET,    /api/channels/kept:x/history?cursor=x, cursor",
        "GET,    /api/closes?cursor=x, cursor",
        "DELETE, /api/connections/x?refuse=user, refuse",
        "DELETE, /api/connections/x?refuse=all&until=1, kind",
        "DELETE, /api/users/x/connections?until=1, until",
        "PUT,    /api/refusals/user/x?until=99999999999999, until",
    })
    void badParameterIsNamed(String method, String path, String parameter) {
        JsonNode problem = problem(api(0).send(method, path, ""), 400, "invalid_parameter");

        assertThat(problem.get("detail").asString()).startsWith(parameter + " ");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/channels",
        "GET, /api/channels/open:x",
        "GET, /api/channels/kept:x/history",
        "GET, /api/channels/room:x/presence",
        "GET, /api/connections",
        "GET, /api/closes",
        "GET, /api/nodes",
        "GET, /api/nodes/figures",
        "GET, /api/refusals",
        "PUT, /api/refusals/user/x?until=1",
        "DELETE, /api/refusals/user/x",
        "DELETE, /api/connections/x",
        "DELETE, /api/users/x/connections",
    })
    void nothingIsForWhoMayNot(String method, String path) {
        problem(nodes.get(0).send(method, path, ""), 401, "no_token");
        problem(
                ApiClient.with(nodes.get(0), Tokens.standard().scope("publish").channels("*"))
                        .send(method, path, ""),
                403,
                "forbidden");
    }

    @Test
    void whoReadsReadsWhatItsTokenGrants() {
        ApiClient reader =
                ApiClient.with(nodes.get(0), Tokens.standard().scope("read").channels("kept:*"));

        reader.ask("/api/channels/kept:" + id);
        for (String path : List.of("", "/history", "/presence")) {
            problem(reader.get("/api/channels/room:" + id + path), 403, "forbidden");
        }
    }
}
