package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.redis.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who is present on any of several nodes, and what of it outlives a node or the data of Redis. */
class PresenceNodesIT {

    private static final int BROKER_UNAVAILABLE = 109;

    /** As {@link Nodes} sets it. */
    private static final Duration TTL = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static RedisServer redis;
    private static Nodes nodes;

    private final List<ClientSession> sessions = new ArrayList<>();

    @BeforeAll
    static void start() {
        redis = RedisServer.startDurable();
        nodes = Nodes.start(2, redis.properties());
    }

    @AfterAll
    static void stop() {
        nodes.close();
        redis.close();
    }

    @AfterEach
    void leave() {
        sessions.forEach(ClientSession::close);
    }

    @Test
    void allNodesSayTheSameAndTellWhoComesAndGoes() {
        ClientSession alice = member(nodes.get(0), "alice", "room:both");
        awaitChange(alice, "join", "alice");

        ClientSession bob = member(nodes.get(1), "bob", "room:both");
        awaitChange(bob, "join", "bob");
        awaitChange(alice, "join", "bob");
        assertThat(users(alice, "room:both")).containsExactly("alice", "bob");
        assertThat(users(bob, "room:both")).containsExactly("alice", "bob");

        bob.close();
        awaitChange(alice, "leave", "bob");
        assertThat(users(alice, "room:both")).containsExactly("alice");
    }

    @Test
    void membersOfAKilledNodeAreGoneAfterTheTimeToLiveAndTheirLeavingIsToldOnce() {
        ClientSession alice = member(nodes.get(0), "alice", "room:kill");
        ClientSession bob = member(nodes.get(1), "bob", "room:kill");
        try (ServerProcess doomed = Nodes.launch(redis.properties()).start()) {
            ClientSession carol = member(doomed, "carol", "room:kill");
            awaitChange(carol, "join", "carol");
            awaitChange(alice, "join", "carol");
            awaitChange(bob, "join", "carol");

            doomed.signal("KILL");

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(users(alice, "room:kill")).containsExactly("alice", "bob"));
            awaitChange(alice, "leave", "carol");
            awaitChange(bob, "leave", "carol");
        }
        long end = System.nanoTime() + TTL.dividedBy(2).toNanos(); // each of the others has had its turn
        await().atMost(PATIENCE).until(() -> System.nanoTime() - end > 0);
        assertThat(leaves(alice)).isEmpty();
        assertThat(leaves(bob)).isEmpty();
    }

    @Test
    void membersComeBackWhenRedisHasLostThem() {
        ClientSession alice = member(nodes.get(0), "alice", "room:flush");
        member(nodes.get(1), "bob", "room:flush");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(users(alice, "room:flush")).containsExactly("alice", "bob"));

        redis.cli("FLUSHALL");

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(users(alice, "room:flush")).containsExactly("alice", "bob"));
        assertThat(leaves(alice)).isEmpty();
    }

    @Test
    void whileRedisIsDownTheAnswerIsThatAndAfterwardsAllAreThere() {
        ClientSession alice = member(nodes.get(0), "alice", "room:down");
        ClientSession bob = member(nodes.get(1), "bob", "room:down");
        awaitChange(alice, "join", "bob");

        redis.kill();
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(ask(alice, "room:down").path("code").asInt()).isEqualTo(BROKER_UNAVAILABLE));
        redis.restart();
        nodes.awaitReady();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(users(bob, "room:down")).containsExactly("alice", "bob"));
        assertThat(leaves(alice)).isEmpty();
    }

    private ClientSession member(ServerProcess node, String user, String channel) {
        ClientSession session =
                ClientSession.open(node, Tokens.standard().subject(user).sign());
        sessions.add(session);
        session.await("welcome");
        return session.subscribe(channel);
    }

    private static void awaitChange(ClientSession witness, String type, String user) {
        witness.await(frame -> frame.path("type").asString().equals(type)
                && frame.path("user").asString("").equals(user));
    }

    private static JsonNode ask(ClientSession session, String channel) {
        session.send("{\"type\":\"presence\",\"id\":\"who\",\"channel\":\"" + channel + "\"}");
        return session.await(frame -> frame.path("id").asString("").equals("who"));
    }

    private static List<String> users(ClientSession session, String channel) {
        List<String> users = new ArrayList<>();
        ask(session, channel)
                .path("members")
                .forEach(member -> users.add(member.get("user").asString()));
        return users;
    }

    /** What has come of it by now. */
    private static List<JsonNode> leaves(ClientSession session) {
        return session.drain().stream()
                .filter(frame -> frame.path("type").asString().equals("leave"))
                .toList();
    }
}
