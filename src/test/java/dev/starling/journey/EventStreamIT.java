package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Channels for those who can't speak WebSocket. */
class EventStreamIT extends EventStreamJourney {

    @Test
    void messagesComeInOrderEachWithThePlaceToComeBackTo() {
        EventStream stream = keep(EventStream.open(server, "news:order"));
        ClientSession writer = writer();
        EventStream.Event welcome = stream.next();
        EventStream.Event subscribed = stream.next();
        assertThat(welcome.type()).isEqualTo("welcome");
        assertThat(welcome.retryMillis()).isBetween(1000L, 2000L);
        assertThat(welcome.json().get("heartbeat").asInt()).isEqualTo(60_000);
        assertThat(subscribed.type()).isEqualTo("subscribed");
        assertThat(subscribed.json().get("offset").asInt()).isZero();
        String epoch = subscribed.json().get("epoch").asString();
        assertThat(subscribed.id()).isEqualTo(epoch + ":0");

        for (int i = 1; i <= 50; i++) {
            writer.publish("news:order", "{\"n\":" + i + "}");
        }

        for (int i = 1; i <= 50; i++) {
            EventStream.Event message = stream.next();
            assertThat(message.type()).isEqualTo("message");
            assertThat(message.id()).isEqualTo(epoch + ":" + i);
            assertThat(message.data())
                    .isEqualTo("{\"type\":\"message\",\"channel\":\"news:order\",\"data\":{\"n\":" + i + "},\"offset\":"
                            + i + "}");
        }
    }

    @Test
    void aChannelWithoutHistoryHasNoPlaces() {
        EventStream stream = subscribed("open:plain");

        writer().publish("open:plain", "\"Grüße\"");

        assertThat(stream.next())
                .isEqualTo(new EventStream.Event(
                        "message", "", 0, "{\"type\":\"message\",\"channel\":\"open:plain\",\"data\":\"Grüße\"}"));
    }

    @Test
    void lineBreaksOfThePublisherAreNoEndOfTheEvent() {
        EventStream stream = subscribed("open:lines");

        writer().publish("open:lines", "{\n  \"a\": 1,\r\n\n\t\"b\":\r[2]\n}").publish("open:lines", "3");

        EventStream.Event message = stream.next();
        assertThat(message.data()).contains("\"data\":{\n  \"a\": 1,\n\n\t\"b\":\n[2]\n}}");
        assertThat(message.json().get("data").get("b").get(0).asInt()).isEqualTo(2);
        assertThat(stream.next().json().get("data").asInt()).isEqualTo(3);
    }

    @Test
    void theHeadSaysThatNothingIsToBeKeptBackAndThatTheConnectionEnds() throws Exception {
        HttpResponse<InputStream> answer =
                EventStream.ask(server.port(), EventStream.path("open:head"), Tokens.standard(), "Accept", "text/*");
        keep(answer.body());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-store");
        assertThat(answer.headers().firstValue("X-Accel-Buffering")).hasValue("no");
        assertThat(answer.headers().firstValue("Connection")).hasValue("close");
        assertThat(answer.headers().map()).doesNotContainKeys("content-length", "transfer-encoding");
    }

    @Test
    void whoComesBackGetsWhatItMissedAndThenWhatIsLive() {
        ClientSession writer = writer();
        String epoch = publish(writer, "news:back", 20);
        for (EventStream back : List.of(
                EventStream.open(server, "news:back", "Last-Event-ID", epoch + ":5"),
                EventStream.open(
                        server, EventStream.path("news:back") + "?lastEventId=" + epoch + ":5", Tokens.standard()))) {
            keep(back);
            JsonNode subscribed = back.await("subscribed").json();
            assertThat(subscribed.get("recovered").asBoolean()).isTrue();
            assertThat(subscribed.get("offset").asInt()).isEqualTo(5);
            for (int i = 6; i <= 20; i++) {
                assertThat(back.await("message").id()).isEqualTo(epoch + ":" + i);
            }
        }

        publish(writer, "news:back", 1);

        open.stream()
                .filter(EventStream.class::isInstance)
                .map(EventStream.class::cast)
                .forEach(back -> assertThat(back.await("message").id()).isEqualTo(epoch + ":21"));
    }

    @Test
    void theHeaderOfTheBrowserCountsMoreThanTheAddressThatItKeeps() {
        String epoch = publish(writer(), "news:both", 3);
        String path = EventStream.path("news:both") + "?lastEventId=" + epoch + ":0";

        EventStream back = keep(EventStream.open(server, path, Tokens.standard(), "Last-Event-ID", epoch + ":2"));

        assertThat(back.await("message").id()).isEqualTo(epoch + ":3");
    }

    @Test
    void whatCannotBeRecoveredIsSaid() {
        String epoch = publish(writer(), "news:lost", 150);
        for (String place : List.of("another:140", epoch + ":151", epoch + ":20")) {
            EventStream back = keep(EventStream.open(server, "news:lost", "Last-Event-ID", place));

            EventStream.Event subscribed = back.await("subscribed");
            assertThat(subscribed.json().get("recovered").asBoolean()).isFalse();
            assertThat(subscribed.id()).isEqualTo(epoch + ":150");
        }
        EventStream plain = keep(EventStream.open(server, "open:lost", "Last-Event-ID", "e:1"));
        assertThat(plain.await("subscribed").json().get("recovered").asBoolean())
                .isFalse();
        writer().publish("open:lost", "1");
        plain.await("message");
    }

    @Test
    void aRoomTellsWhoComesAndGoesAndCountsTheStream() {
        EventStream stream = subscribed("room:a");
        stream.await(event -> event.type().equals("join") && event.data().contains("\"alice\""));

        ClientSession bob =
                ClientSession.open(server, Tokens.standard().subject("bob").sign());
        keep(bob);
        bob.await("welcome");
        bob.subscribe("room:a");
        stream.await(event -> event.type().equals("join") && event.data().contains("\"bob\""));
        JsonNode members =
                bob.send("{\"type\":\"presence\",\"channel\":\"room:a\"}").await("presence");
        assertThat(members.get("count").asInt()).isEqualTo(2);
        bob.leave();

        stream.await(event -> event.type().equals("leave") && event.data().contains("\"bob\""));
    }

    @Test
    void aChannelMayHaveWhatAPathMustNot() {
        EventStream stream = keep(EventStream.open(server, "open:a%2Fb%3Bc%25d"));
        stream.await("subscribed");

        writer().publish("open:a/b;c%d", "7");

        assertThat(stream.await("message").json().get("data").asInt()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"})
    void whatAClientSaysAfterItsRequestIsNotHeard(String more) {
        RawClient client = keep(RawClient.connect(server.port()));
        String token = Tokens.standard().sign();
        client.send(("GET " + EventStream.path("open:talks") + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                        + token + "\r\n\r\n" + more)
                .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        assertThat(client.answer().status()).isEqualTo(200);
        client.send(RawFrame.text("more").encode());
        EventStream listener = subscribed("open:talks");

        writer().publish("open:talks", "1");

        listener.await("message");
        assertThat(server.metrics().value("ws_connections_streams")).isEqualTo(2);
    }

    @Test
    void aProxyOfHttp10IsServed() {
        RawClient client = keep(RawClient.connect(server.port()));
        String token = Tokens.standard().sign();
        client.send(("GET " + EventStream.path("open:old") + " HTTP/1.0\r\nAuthorization: Bearer " + token + "\r\n\r\n")
                .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));

        HttpAnswer answer = client.answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("transfer-encoding")).isNull();
    }

    @Test
    void slowReadersAreCutWhileOthersGoOn() {
        List<EventStream> stalled = new ArrayList<>();
        EventStream reader = subscribed("open:flood");
        for (int i = 0; i < 10; i++) {
            stalled.add(keep(EventStream.stalled(server, "open:flood")));
        }
        ClientSession writer = writer();
        double before = server.metrics().value("ws_slow_consumers_total");

        for (int i = 0; i < 300; i++) {
            writer.publish("open:flood", '"' + (i + "-" + PAD) + '"');
            assertThat(reader.await("message").data()).contains("\"data\":\"" + i + "-");
        }

        Awaitility.await()
                .atMost(BOUND)
                .until(() -> server.metrics().value("ws_slow_consumers_total") == before + stalled.size());
        assertClosed("stalled", 4001, "server");
        BadInputIT.assertHealthy(server);
    }

    @Test
    void whereMessagesAreDroppedASlowReaderIsToldSoAndLives() {
        EventStream slow = keep(EventStream.stalled(server, "lossy:a"));
        EventStream reader = subscribed("lossy:a");
        ClientSession writer = writer();
        for (int i = 1; i <= 300; i++) {
            writer.publish("lossy:a", '"' + (i + "-" + PAD) + '"');
            reader.await("message");
        }

        slow.read();

        slow.await("welcome");
        slow.await("subscribed");
        long at = 0;
        boolean hasGap = false;
        while (at < 300) {
            EventStream.Event event = slow.next();
            boolean isGap = event.type().equals("gap");
            hasGap |= isGap;
            assertThat(event.json().get(isGap ? "from" : "offset").asLong()).isEqualTo(at + 1);
            at = event.json().get(isGap ? "to" : "offset").asLong();
            assertThat(event.id()).as("where the client is now").endsWith(":" + at);
        }
        assertThat(hasGap).isTrue();
    }

    /** Publishes one after the other, and returns the epoch. */
    private static String publish(ClientSession session, String channel, int count) {
        String epoch = "";
        for (int i = 1; i <= count; i++) {
            session.send("{\"type\":\"publish\",\"channel\":\"" + channel + "\",\"data\":" + i + ",\"id\":" + i + "}");
            epoch = session.await("published").path("epoch").asString();
        }
        return epoch;
    }
}
