package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Channels that keep what was said in them, on a node that is alone. */
class HistoryIT {

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.channels[4].pattern=news:*",
                        "starling.channels[4].subscribe=anyone",
                        "starling.channels[4].publish=anyone",
                        "starling.channels[4].history-size=50",
                        "starling.channels[5].pattern=secret:*",
                        "starling.channels[5].subscribe=nobody",
                        "starling.channels[5].publish=anyone",
                        "starling.channels[5].history-size=50",
                        "starling.limits.message-rate=0",
                        "starling.history.max-messages=40")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void publishersSubscribersAndReadersSeeTheSamePositions() {
        try (ClientSession session = session()) {
            JsonNode subscribed = subscribe(session, "news:a");
            assertThat(subscribed.path("offset").asLong()).isZero();
            String epoch = subscribed.path("epoch").asString();

            session.send("{\"type\":\"publish\",\"channel\":\"news:a\",\"data\":\"one\",\"id\":1}");

            JsonNode published = session.await("published");
            assertThat(published.path("epoch").asString()).isEqualTo(epoch);
            assertThat(published.path("offset").asLong()).isEqualTo(1);
            assertThat(session.await("message").path("offset").asLong()).isEqualTo(1);
            JsonNode again = subscribe(session, "news:a");
            assertThat(again.path("epoch").asString()).isEqualTo(epoch);
            assertThat(again.path("offset").asLong()).isEqualTo(1);
            JsonNode history = history(session, "news:a", "");
            assertThat(history.path("epoch").asString()).isEqualTo(epoch);
            assertThat(history.path("offset").asLong()).isEqualTo(1);
            assertThat(offsets(history)).containsExactly(1L);
            assertThat(history.path("messages").get(0).path("data").asString()).isEqualTo("one");
        }
    }

    @Test
    void aReaderGoesOnFromWhereItWas() {
        try (ClientSession session = session()) {
            publish(session, "news:b", 60, "1");
            JsonNode first = history(session, "news:b", "");
            String epoch = first.path("epoch").asString();

            assertThat(offsets(first)).as("50 are kept, 40 at once").isEqualTo(range(11, 50));
            assertThat(first.path("offset").asLong()).isEqualTo(60);
            assertThat(offsets(history(session, "news:b", since(epoch, 50)))).isEqualTo(range(51, 60));
            assertThat(offsets(history(session, "news:b", since(epoch, 60)))).isEmpty();
            assertThat(offsets(history(session, "news:b", since(epoch, 55) + ",\"limit\":2")))
                    .containsExactly(56L, 57L);
            assertThat(offsets(history(session, "news:b", since(epoch, 3) + ",\"limit\":1")))
                    .as("what follows 3 is gone")
                    .containsExactly(11L);
        }
    }

    @Test
    void aFrameHasOneMegabyteAndTheReaderGoesOn() {
        try (ClientSession session = session()) {
            publish(session, "news:c", 40, '"' + "x".repeat(60_000) + '"');
            List<Long> got = new ArrayList<>();
            JsonNode page = history(session, "news:c", "");
            assertThat(page.path("messages").size()).isEqualTo(17);

            while (page.path("messages").size() > 0) {
                got.addAll(offsets(page));
                page = history(session, "news:c", since(page.path("epoch").asString(), got.get(got.size() - 1)));
            }

            assertThat(got).isEqualTo(range(1, 40));
            assertThat(session.closed()).isFalse();
        }
    }

    /** 24 MB in all, of which 1 MB may wait on the node. */
    @Test
    void aReaderThatAsksForMuchAtOnceGetsItAllAtItsOwnPace() {
        try (ClientSession writer = session();
                RawClient reader = RawClient.connectNarrow(server.port(), 8192)
                        .opened(Tokens.standard().sign())) {
            publish(writer, "news:d", 17, '"' + "x".repeat(60_000) + '"');
            for (int i = 0; i < 24; i++) {
                reader.send("{\"type\":\"history\",\"channel\":\"news:d\",\"id\":" + i + "}");
            }

            for (int i = 0; i < 24; i++) {
                assertThat(reader.awaitText("\"id\":" + i + "}")).hasSizeGreaterThan(1_000_000);
            }
        }
    }

    @Test
    void whatIsNotThereIsAnError() {
        try (ClientSession session = session()) {
            assertThat(historyError(session, "open:plain", "")).isEqualTo(110);
            assertThat(historyError(session, "news:e", since("another", 0))).isEqualTo(110);
            assertThat(historyError(session, "secret:e", "")).isEqualTo(105);
            assertThat(historyError(session, "news:e", ",\"limit\":0")).isEqualTo(100);
            assertThat(historyError(session, "news:e", ",\"limit\":1001")).isEqualTo(100);
        }
    }

    @Test
    void aKeyMakesTwoPublishesOneMessage() {
        try (ClientSession session = session()) {
            String publish = "{\"type\":\"publish\",\"channel\":\"news:f\",\"data\":1,\"key\":\"k\",\"id\":";
            session.send(publish + "1}").send(publish + "2}");

            JsonNode first = session.await("published");
            JsonNode second = session.await("published");

            assertThat(second.path("offset")).isEqualTo(first.path("offset"));
            assertThat(offsets(history(session, "news:f", ""))).containsExactly(1L);
        }
    }

    private static ClientSession session() {
        ClientSession session = ClientSession.open(server);
        session.await("welcome");
        return session;
    }

    private static JsonNode subscribe(ClientSession session, String channel) {
        session.send("{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"}");
        return session.await("subscribed");
    }

    /** Publishes one after the other and waits for the last one. */
    private static void publish(ClientSession session, String channel, int count, String data) {
        for (int i = 1; i <= count; i++) {
            session.send(
                    "{\"type\":\"publish\",\"channel\":\"" + channel + "\",\"data\":" + data + ",\"id\":" + i + "}");
            session.await("published");
        }
    }

    private static String since(String epoch, long offset) {
        return ",\"since\":{\"epoch\":\"" + epoch + "\",\"offset\":" + offset + "}";
    }

    private static JsonNode history(ClientSession session, String channel, String more) {
        session.send("{\"type\":\"history\",\"channel\":\"" + channel + "\"" + more
                + (more.contains("limit") ? "" : ",\"limit\":1000") + "}");
        return session.await("history");
    }

    private static int historyError(ClientSession session, String channel, String more) {
        session.send("{\"type\":\"history\",\"channel\":\"" + channel + "\"" + more + "}");
        return session.await("error").path("code").asInt();
    }

    private static List<Long> offsets(JsonNode history) {
        List<Long> offsets = new ArrayList<>();
        history.path("messages")
                .forEach(message -> offsets.add(message.path("offset").asLong()));
        return offsets;
    }

    private static List<Long> range(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(i -> (long) i).toList();
    }
}
