package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who is in a channel, and who comes and goes, as clients see it. */
class PresenceIT {

    private static final int FORBIDDEN = 105;

    private static ServerProcess server;

    private final List<Client> clients = new ArrayList<>();

    /** One that knows its own name. */
    private record Client(ClientSession session, String connection) {}

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.limits.max-connections-per-ip=0",
                        "starling.limits.connect-rate=0",
                        "starling.limits.message-rate=0",
                        "starling.channels[4].pattern=room:*",
                        "starling.channels[4].subscribe=token",
                        "starling.channels[4].publish=anyone",
                        "starling.channels[4].presence=true",
                        "starling.channels[4].join-leave=true",
                        "starling.channels[5].pattern=hall:*",
                        "starling.channels[5].subscribe=anyone",
                        "starling.channels[5].presence=true",
                        "starling.presence.max-members=3")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void leave() {
        clients.forEach(client -> client.session.close());
    }

    @Test
    void whoAsksIsToldHowManyAreThereAndWhoCameFirst() {
        Client alice = open("alice");
        Client again = open("alice");
        Client bob = open("bob");
        alice.session.subscribe("hall:1");
        again.session.subscribe("hall:1");
        bob.session.subscribe("hall:1");
        open("carol").session.subscribe("hall:1");

        JsonNode answer = presence(bob, "hall:1");

        assertThat(answer.get("type").asString()).isEqualTo("presence");
        assertThat(answer.get("channel").asString()).isEqualTo("hall:1");
        assertThat(answer.get("count").asInt()).isEqualTo(4);
        assertThat(answer.get("members"))
                .extracting(member -> member.get("user").asString() + " "
                        + member.get("connection").asString())
                .containsExactly("alice " + alice.connection, "alice " + again.connection, "bob " + bob.connection);
        assertThat(answer.get("members"))
                .allSatisfy(member -> assertThat(member.get("since").asLong())
                        .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 60_000));
    }

    @Test
    void whoAsksNeedNotBeThere() {
        JsonNode answer = presence(open("alice"), "hall:empty");

        assertThat(answer.get("count").asInt()).isZero();
        assertThat(answer.get("members")).isEmpty();
    }

    @Test
    void subscribersAreToldWhoComesAndGoesThemselvesIncluded() {
        Client alice = member("alice", "room:1");
        assertThat(joined(alice, alice)).isEqualTo("alice");

        Client bob = member("bob", "room:1");
        assertThat(joined(alice, bob)).isEqualTo("bob");
        assertThat(joined(bob, bob)).isEqualTo("bob");

        bob.session.send("{\"type\":\"unsubscribe\",\"channel\":\"room:1\"}");
        assertThat(left(alice, bob)).isEqualTo("bob");
        assertThat(bob.session.drain())
                .noneMatch(frame -> frame.get("type").asString().equals("leave"));
    }

    @Test
    void subscribingTwiceIsNoSecondJoin() {
        Client alice = member("alice", "room:2");
        joined(alice, alice);

        alice.session.subscribe("room:2");

        assertThat(alice.session.drain())
                .noneMatch(frame -> frame.get("type").asString().equals("join"));
        assertThat(presence(alice, "room:2").get("count").asInt()).isEqualTo(1);
    }

    @Test
    void aConnectionThatIsCutHasLeft() {
        Client alice = member("alice", "room:3");
        Client bob = member("bob", "room:3");
        joined(alice, bob);

        bob.session.close();

        assertThat(left(alice, bob)).isEqualTo("bob");
        assertThat(presence(alice, "room:3").get("count").asInt()).isEqualTo(1);
    }

    @Test
    void aConnectionThatSaysGoodbyeHasLeft() {
        Client alice = member("alice", "room:4");
        Client bob = member("bob", "room:4");
        joined(alice, bob);

        bob.session.leave();

        assertThat(left(alice, bob)).isEqualTo("bob");
    }

    @Test
    void whoLosesTheRightHasLeft() {
        Client alice = member("alice", "room:5");
        Client bob = member("bob", "room:5");
        joined(alice, bob);

        String lesser = Tokens.standard().subject("bob").channels("token:*").sign();
        bob.session.send("{\"type\":\"refresh\",\"token\":\"" + lesser + "\"}");

        assertThat(left(alice, bob)).isEqualTo("bob");
        assertThat(bob.session.await("error").get("channel").asString()).isEqualTo("room:5");
    }

    @Test
    void joinsAndLeavesAreInOrderWithMessages() {
        Client alice = member("alice", "room:6");
        joined(alice, alice);
        for (int i = 0; i < 20; i++) {
            Client bob = member("bob", "room:6");
            bob.session.publish("room:6", "1");
            bob.session.await("message");
            bob.session.send("{\"type\":\"unsubscribe\",\"channel\":\"room:6\"}");
            bob.session.await("unsubscribed");
        }

        List<String> types = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            types.add(alice.session.await(frame -> true).get("type").asString());
        }
        for (int i = 0; i < 60; i += 3) {
            assertThat(types.subList(i, i + 3)).containsExactly("join", "message", "leave");
        }
    }

    @Test
    void channelsThatOnlyKeepItTellNobodyWhoComes() {
        Client alice = open("alice");
        alice.session.subscribe("hall:2");
        open("bob").session.subscribe("hall:2");

        assertThat(presence(alice, "hall:2").get("count").asInt()).isEqualTo(2);
        assertThat(alice.session.drain()).isEmpty();
    }

    @Test
    void channelThatDoesNotSayWhoIsInItIsForbidden() {
        Client alice = open("alice");
        alice.session.subscribe("open:presence");

        assertThat(presence(alice, "open:presence").get("code").asInt()).isEqualTo(FORBIDDEN);
    }

    @Test
    void whoMayNotSubscribeMayNotAsk() {
        Client carol = open("carol", "token:*");

        assertThat(presence(carol, "room:7").get("code").asInt()).isEqualTo(FORBIDDEN);
    }

    @Test
    void aRightForThisSubscriptionIsEnoughToAsk() {
        Client carol = open("carol", "token:*");
        String own = Tokens.standard().subject("carol").channels("room:8").sign();
        carol.session.send("{\"type\":\"subscribe\",\"channel\":\"room:8\",\"token\":\"" + own + "\"}");
        carol.session.await("subscribed");

        assertThat(presence(carol, "room:8").get("count").asInt()).isEqualTo(1);
    }

    @Test
    void whoIsPresentIsCounted() {
        Client alice = member("alice", "room:9");
        joined(alice, alice);
        presence(alice, "room:9");

        assertThat(server.metrics().value("ws_presence_changes_total")).isPositive();
        assertThat(server.metrics().value("ws_messages_total", "type=\"presence\"", "direction=\"in\""))
                .isPositive();
    }

    private Client open(String user) {
        return open(user, "*");
    }

    private Client open(String user, String channels) {
        ClientSession session = ClientSession.open(
                server, Tokens.standard().subject(user).channels(channels).sign());
        Client client =
                new Client(session, session.await("welcome").get("connection").asString());
        clients.add(client);
        return client;
    }

    private Client member(String user, String channel) {
        Client client = open(user);
        client.session.subscribe(channel);
        return client;
    }

    private static JsonNode presence(Client client, String channel) {
        client.session.send("{\"type\":\"presence\",\"id\":\"who\",\"channel\":\"" + channel + "\"}");
        return client.session.await(frame -> frame.path("id").asString("").equals("who"));
    }

    /** Whose joining this client is told of. */
    private static String joined(Client witness, Client who) {
        return change(witness, "join", who);
    }

    private static String left(Client witness, Client who) {
        return change(witness, "leave", who);
    }

    private static String change(Client witness, String type, Client who) {
        return witness.session
                .await(frame -> frame.path("type").asString().equals(type)
                        && frame.path("connection").asString().equals(who.connection))
                .get("user")
                .asString();
    }
}
