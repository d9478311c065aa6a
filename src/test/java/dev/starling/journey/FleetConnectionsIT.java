package dev.starling.journey;

import static dev.starling.journey.ApiClient.json;
import static dev.starling.journey.ApiClient.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Each node knows the connections of all, and ends them. */
class FleetConnectionsIT extends FleetJourney {

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
}
