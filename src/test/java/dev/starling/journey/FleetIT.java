package dev.starling.journey;

import static dev.starling.journey.ApiClient.json;
import static dev.starling.journey.ApiClient.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Each node answers for all. */
class FleetIT extends FleetJourney {

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
    void channelThatNobodyKnowsHasNobodyAndNothing() {
        JsonNode channel = api(0).ask("/api/channels/kept:" + id);

        assertThat(channel.get("subscribers").asInt()).isZero();
        assertThat(channel.at("/history/offset").asInt()).isZero();
        assertThat(api(1).ask("/api/channels/kept:" + id + "/history").get("items"))
                .isEmpty();
        assertThat(api(1).ask("/api/channels/room:" + id + "/presence")
                        .get("count")
                        .asInt())
                .isZero();
        problem(api(0).get("/api/channels/no%20name"), 400, "invalid_channel");
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
