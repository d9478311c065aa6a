package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Subscribe, publish, receive: the work that the server is there for. */
class PublishIT {

    private static ServerProcess server;

    private final List<ClientSession> sessions = new ArrayList<>();
    private final String channel = "open:" + UUID.randomUUID();

    @BeforeAll
    static void start() {
        server = StandardServer.get();
    }

    @AfterEach
    void leave() {
        sessions.forEach(ClientSession::close);
    }

    @Test
    void messageReachesEachSubscriberOnceAndOnlyOnce() {
        ClientSession first = open().subscribe(channel);
        ClientSession second = open().subscribe(channel);

        open().publish(channel, "1").publish(channel, "\"marker\"");

        for (ClientSession session : List.of(first, second)) {
            assertThat(session.awaitData().asInt()).isEqualTo(1);
            assertThat(session.awaitData().asString()).isEqualTo("marker");
        }
    }

    @Test
    void publisherGetsItsOwnMessage() {
        ClientSession session = open().subscribe(channel).publish(channel, "{\"a\":1}");

        assertThat(session.awaitData().get("a").asInt()).isEqualTo(1);
    }

    @Test
    void nobodyElseGetsTheMessage() {
        ClientSession bystander = open().subscribe(channel + "x");

        open().subscribe(channel).publish(channel, "1").awaitData();

        assertThat(bystander.drain()).isEmpty();
    }

    @Test
    void orderOfOnePublisherIsTheOrderOfAllSubscribers() {
        ClientSession reader = open().subscribe(channel);
        ClientSession publisher = open().subscribe(channel);
        for (int i = 0; i < 500; i++) {
            publisher.publish(channel, Integer.toString(i));
        }
        for (int i = 0; i < 500; i++) {
            assertThat(reader.awaitData().asInt()).isEqualTo(i);
            assertThat(publisher.awaitData().asInt()).isEqualTo(i);
        }
    }

    @Test
    void orderOfManyPublishersIsTheSameForAllSubscribers() {
        List<ClientSession> all = List.of(open(), open(), open());
        all.forEach(session -> session.subscribe(channel));
        for (int i = 0; i < 100; i++) {
            for (ClientSession session : all) {
                session.publish(channel, Integer.toString(i));
            }
        }
        for (int i = 0; i < 300; i++) {
            JsonNode data = all.get(0).awaitData();
            assertThat(all.get(1).awaitData()).isEqualTo(data);
            assertThat(all.get(2).awaitData()).isEqualTo(data);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ \"b\" :1.50e+1,\t\"a\" : \"\\u00e9é\\/😀\" }",
                "[1,  2,3 ,[ ] ,{ }]",
                "\"\\ud83d\\ude00 \\\\ \\\" }],\"",
                "0.10",
                "12345678901234567890123456789",
                "null",
                "true",
                "{\"a\":1,\"a\":2}",
            })
    void dataTravelsAsTheBytesThatWereWritten(String data) {
        ClientSession session = open().subscribe(channel);

        session.send(" {\t\"data\" : " + data + " , \"channel\":\"" + channel + "\",\n\"type\" : \"publish\" } ");

        assertThat(session.awaitText(text -> text.contains("\"message\"")))
                .contains("\"data\":" + data)
                .contains("\"channel\":\"" + channel + "\"")
                .doesNotContain("offset");
    }

    @Test
    void publishedIsAnsweredOnlyToARequestWithAnId() {
        ClientSession session = open();

        session.publish(channel, "1");
        session.send("{\"type\":\"publish\",\"id\":\"p-1\",\"channel\":\"" + channel + "\",\"data\":2}");

        assertThat(session.await("published").get("id").asString()).isEqualTo("p-1");
        assertThat(session.drain()).isEmpty();
    }

    @Test
    void idIsEchoedAsItCame() {
        ClientSession session = open();

        session.send("{\"id\":1.50,\"type\":\"subscribe\",\"channel\":\"" + channel + "\"}");

        assertThat(session.awaitText(text -> text.contains("\"subscribed\""))).contains("\"id\":1.50");
    }

    @Test
    void nothingComesAfterUnsubscribe() {
        ClientSession session = open().subscribe(channel);

        session.send("{\"type\":\"unsubscribe\",\"channel\":\"" + channel + "\"}")
                .await(frame -> ClientSession.is(frame, "unsubscribed", channel));
        ClientSession other = open().subscribe(channel);
        other.publish(channel, "1").awaitData();

        assertThat(session.drain()).isEmpty();
    }

    @Test
    void unsubscribeOfWhatWasNeverSubscribedIsAnError() {
        ClientSession session = open().send("{\"type\":\"unsubscribe\",\"channel\":\"" + channel + "\",\"id\":7}");

        assertError(session.await("error"), 103, "not_subscribed");
    }

    @Test
    void subscribingTwiceDeliversOnce() {
        ClientSession session = open().subscribe(channel).subscribe(channel);

        session.publish(channel, "1").publish(channel, "2");

        assertThat(session.awaitData().asInt()).isEqualTo(1);
        assertThat(session.awaitData().asInt()).isEqualTo(2);
    }

    @Test
    void pingIsAnsweredWithTheTime() {
        long before = System.currentTimeMillis();
        JsonNode pong = open().send("{\"type\":\"ping\",\"id\":\"p\"}").await("pong");

        assertThat(pong.get("ts").asLong()).isBetween(before, System.currentTimeMillis());
        assertThat(pong.get("id").asString()).isEqualTo("p");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"history\",\"id\":1,\"channel\":\"open:h\",\"limit\":10}",
                "{\"type\":\"presence\",\"id\":1,\"channel\":\"open:h\"}",
                "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"open:h\",\"recover\":{\"epoch\":\"e\",\"offset\":3}}",
            })
    void whatIsNotServedYetIsAnsweredWithAnError(String request) {
        ClientSession session = open();

        JsonNode error = session.send(request).await("error");

        assertThat(error.get("id").asInt()).isEqualTo(1);
        assertThat(error.get("retry").asBoolean()).isFalse();
        assertThat(error.get("message").asString()).isNotBlank();
        assertThat(session.drain()).as("the connection lives").isEmpty();
    }

    private ClientSession open() {
        ClientSession session = ClientSession.open(server);
        sessions.add(session);
        session.await("welcome");
        return session;
    }

    static void assertError(JsonNode frame, int code, String name) {
        assertThat(frame.get("code").asInt()).as(frame.toString()).isEqualTo(code);
        assertThat(frame.get("error").asString()).isEqualTo(name);
        assertThat(frame.get("message").asString()).isNotBlank();
    }
}
