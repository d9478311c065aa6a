package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.loadtest.check.DeliveryReport;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Two nodes on one Redis are one server. */
class TwoNodesIT {

    private static Nodes nodes;

    private final String id = UUID.randomUUID().toString();

    @BeforeAll
    static void start() {
        nodes = Nodes.shared();
    }

    @AfterEach
    void logsAreClean() {
        assertThat(nodes.newFaults()).isEmpty();
    }

    @Test
    void whatAnyNodePublishesReachesAllOnceAndInOneOrder() {
        try (CheckedRun run = new CheckedRun(nodes.all())) {
            for (int node = 0; node < 2; node++) {
                run.subscribe(node, "kept:" + id, "open:" + id);
                run.subscribe(node, "open:" + id);
            }
            run.awaitStanding();
            for (int node = 0; node < 2; node++) {
                run.publish(node, "kept:" + id, 300);
                run.publish(node, "open:" + id, 300);
            }
            run.awaitPublished(400);

            DeliveryReport report = run.finishComplete();
            assertThat(report.lostWithoutHistory()).isZero();
            assertThat(report.acknowledged()).isEqualTo(report.sent());
        }
    }

    @Test
    void clientWhoComesBackToTheOtherNodeGetsWhatItMissed() {
        try (CheckedRun run = new CheckedRun(nodes.all())) {
            CheckedSubscriber client = run.subscribe(0, "kept:" + id);
            run.awaitStanding();
            run.publish(1, "kept:" + id, 500);
            for (int i = 0; i < 3; i++) {
                run.awaitPublished(50);
                client.cut();
                run.awaitPublished(50).awaitStanding();
            }

            assertThat(run.finishComplete().recoveries()).isEqualTo(3);
            assertThat(client.connections()).isEqualTo(4);
        }
    }

    @Test
    void clientWhoComesBackTooLateIsToldSo() {
        String channel = "short:" + id;
        try (ClientSession publisher = ClientSession.open(nodes.get(0));
                ClientSession reader = ClientSession.open(nodes.get(1))) {
            JsonNode first = published(publisher, channel, 1, "");
            for (int i = 2; i <= 200; i++) {
                published(publisher, channel, i, "");
            }
            reader.send("{\"type\":\"subscribe\",\"channel\":\"" + channel + "\",\"recover\":{\"epoch\":\""
                    + first.get("epoch").asString() + "\",\"offset\":1}}");

            JsonNode answer = reader.await("subscribed");
            assertThat(answer.get("recovered").asBoolean()).isFalse();
            assertThat(answer.get("offset").asLong()).isEqualTo(200);
            published(publisher, channel, 201, "");
            assertThat(reader.await("message").get("offset").asLong()).isEqualTo(201);
        }
    }

    @Test
    void historyOfOneNodeIsThatOfTheOther() {
        String channel = "kept:" + id;
        try (ClientSession first = ClientSession.open(nodes.get(0));
                ClientSession second = ClientSession.open(nodes.get(1))) {
            IntStream.rangeClosed(1, 5).forEach(i -> published(i % 2 == 0 ? first : second, channel, i, ""));

            JsonNode history = second.send("{\"type\":\"history\",\"channel\":\"" + channel + "\",\"limit\":10}")
                    .await("history");
            assertThat(history.get("offset").asLong()).isEqualTo(5);
            assertThat(history.get("messages")
                            .valueStream()
                            .map(message -> message.get("data").asInt()))
                    .containsExactly(1, 2, 3, 4, 5);
        }
    }

    @Test
    void keyHoldsAcrossNodes() {
        String channel = "kept:" + id;
        try (ClientSession first = ClientSession.open(nodes.get(0));
                ClientSession second = ClientSession.open(nodes.get(1)).subscribe(channel)) {
            JsonNode once = published(first, channel, 1, ",\"key\":\"k\"");
            JsonNode again = published(second, channel, 1, ",\"key\":\"k\"");
            published(first, channel, 2, "");

            assertThat(again.get("offset")).isEqualTo(once.get("offset"));
            assertThat(again.get("epoch")).isEqualTo(once.get("epoch"));
            assertThat(second.awaitData().asInt()).isEqualTo(1);
            assertThat(second.awaitData().asInt()).isEqualTo(2);
        }
    }

    @Test
    void membersOfBothNodesAreSeenOnBoth() {
        String channel = "room:" + id;
        try (ClientSession alice = ClientSession.open(nodes.get(0)).subscribe(channel);
                ClientSession bob = ClientSession.open(
                                nodes.get(1), Tokens.standard().subject("bob").sign())
                        .subscribe(channel)) {
            assertThat(alice.await(frame -> ClientSession.is(frame, "join", channel)
                                    && frame.get("user").asString().equals("bob"))
                            .get("connection")
                            .asString())
                    .isNotEmpty();
            assertThat(members(alice, channel)).isEqualTo("alice bob");
            assertThat(members(bob, channel)).isEqualTo("alice bob");

            bob.leave();
            alice.await(frame -> ClientSession.is(frame, "leave", channel)
                    && frame.get("user").asString().equals("bob"));
            assertThat(members(alice, channel)).isEqualTo("alice");
        }
    }

    @Test
    void clientsThatAreAlreadyOutThereMeetAcrossNodes() {
        String urls = nodes.all().stream().map(NodeClientIT::address).collect(Collectors.joining(","));
        try (NodeRuntime.Script script = NodeRuntime.get().run("three-clients.js", urls, "open:" + id)) {
            assertThat(script.awaitSuccess(Duration.ofSeconds(20))).isEqualTo("{\"deliveries\":[1,1]}");
        }
    }

    @Test
    void foreignAndNewerMessagesOnOurChannelHarmNobody() {
        String channel = "kept:" + id;
        try (CheckedRun run = new CheckedRun(nodes.all())) {
            run.subscribe(0, channel, "open:" + id);
            run.subscribe(1, channel, "open:" + id);
            run.awaitStanding();
            run.publish(0, channel, 300);
            run.publish(1, "open:" + id, 300);
            for (int i = 0; i < 20; i++) {
                for (String envelope : new String[] {"", "hello", "{\"a\":1}", "1", "1p", "1pe:99:", "9p…", "1zx"}) {
                    Nodes.sharedRedis().cli("PUBLISH", "ws:{" + channel + "}", envelope);
                    Nodes.sharedRedis().cli("PUBLISH", "ws:{open:" + id + "}", envelope);
                }
                run.awaitPublished(5);
            }

            assertThat(run.finishComplete().lostWithoutHistory()).isZero();
        }
        assertThat(nodes.areReady()).isTrue();
        assertThat(nodes.get(0).health()).containsIgnoringCase("foreign").containsIgnoringCase("newer");
    }

    @Test
    void nothingIsLeftInRedisWhenAllHaveLeft() {
        String channel = "kept:" + id;
        try (ClientSession first = ClientSession.open(nodes.get(0)).subscribe(channel);
                ClientSession second = ClientSession.open(nodes.get(1)).subscribe(channel)) {
            assertThat(heard(channel)).isEqualTo("2");
            first.leave();
            second.leave();
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> heard(channel).equals("0"));
    }

    private static String heard(String channel) {
        return Nodes.sharedRedis()
                .cli("PUBSUB", "NUMSUB", "ws:{" + channel + "}")
                .lines()
                .skip(1)
                .findFirst()
                .orElseThrow();
    }

    private static JsonNode published(ClientSession session, String channel, int data, String more) {
        session.send("{\"type\":\"publish\",\"channel\":\"" + channel + "\",\"id\":" + data + more + ",\"data\":" + data
                + "}");
        return session.await("published");
    }

    private static String members(ClientSession session, String channel) {
        JsonNode presence = session.send("{\"type\":\"presence\",\"channel\":\"" + channel + "\"}")
                .await("presence");
        return presence.get("members")
                .valueStream()
                .map(member -> member.get("user").asString())
                .sorted()
                .collect(Collectors.joining(" "));
    }
}
