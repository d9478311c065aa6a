package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Clients that come back with a position, on a node that is alone. */
class RecoveryIT {

    private static final Pattern OFFSET = Pattern.compile("\"offset\":(\\d+)}$");

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.channels[4].pattern=news:*",
                        "starling.channels[4].subscribe=anyone",
                        "starling.channels[4].publish=anyone",
                        "starling.channels[4].history-size=500",
                        "starling.limits.message-rate=0",
                        "starling.limits.connect-rate=0",
                        "starling.limits.max-connections-per-user=0",
                        "starling.limits.max-backlog=256KB",
                        "starling.limits.send-buffer=16KB",
                        "starling.recovery.max-messages=400")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whoComesBackGetsWhatItMissedAndThenWhatIsLive() {
        try (ClientSession writer = session()) {
            String epoch = publish(writer, "news:a", 10, "1");
            try (ClientSession back = session()) {
                JsonNode answer = recover(back, "news:a", epoch, 4);
                publish(writer, "news:a", 2, "1");

                assertThat(answer.path("recovered").asBoolean()).isTrue();
                assertThat(answer.path("offset").asLong()).isEqualTo(4);
                assertThat(awaitOffsets(back, 8)).isEqualTo(range(5, 12));
                assertThat(back.drain()).isEmpty();
            }
        }
    }

    @Test
    void whoMissedNothingIsRecoveredToo() {
        try (ClientSession session = session()) {
            String epoch = publish(session, "news:b", 3, "1");

            JsonNode answer = recover(session, "news:b", epoch, 3);

            assertThat(answer.path("recovered").asBoolean()).isTrue();
            assertThat(session.drain()).isEmpty();
        }
    }

    @Test
    void whatCannotBeHadWholeIsNotGivenInParts() {
        try (ClientSession writer = session()) {
            String epoch = publish(writer, "news:c", 600, "1");
            assertUnrecovered("news:c", "another", 599, 600);
            assertUnrecovered("news:c", epoch, 601, 600);
            assertUnrecovered("news:c", epoch, 50, 600); // trimmed
            assertUnrecovered("news:c", epoch, 199, 600); // one more than the limit
            try (ClientSession back = session()) {
                assertThat(recover(back, "news:c", epoch, 200).path("recovered").asBoolean())
                        .isTrue();
                assertThat(awaitOffsets(back, 400)).isEqualTo(range(201, 600));
            }
        }
    }

    private static void assertUnrecovered(String channel, String epoch, long offset, long now) {
        try (ClientSession back = session()) {
            JsonNode answer = recover(back, channel, epoch, offset);
            assertThat(answer.path("recovered").asBoolean(true)).isFalse();
            assertThat(answer.path("offset").asLong()).isEqualTo(now);
            assertThat(back.drain()).isEmpty();
        }
    }

    @Test
    void aChannelWithoutHistoryCannotBeRecovered() {
        try (ClientSession session = session()) {
            session.send(
                    "{\"type\":\"subscribe\",\"channel\":\"open:plain\",\"recover\":{\"epoch\":\"e\",\"offset\":1}}");

            assertThat(session.await("error").path("code").asInt()).isEqualTo(110);
            session.send("{\"type\":\"unsubscribe\",\"channel\":\"open:plain\"}");
            assertThat(session.await("error").path("code").asInt())
                    .as("there is no subscription")
                    .isEqualTo(103);
        }
    }

    /** 12 MB for a connection of which 256 KB may wait on the node; meanwhile more comes. */
    @Test
    void aLargePastIsWrittenAsTheClientReadsIt() {
        try (ClientSession writer = session();
                RawClient back = RawClient.connectNarrow(server.port(), 8192)
                        .opened(Tokens.standard().sign())) {
            String epoch = publish(writer, "news:d", 200, '"' + "x".repeat(60_000) + '"');
            back.send(subscription("news:d", epoch, 0));
            publish(writer, "news:d", 20, '"' + "x".repeat(60_000) + '"');

            for (long offset = 1; offset <= 220; offset++) {
                Matcher found = OFFSET.matcher(back.awaitText("\"message\""));
                assertThat(found.find()).isTrue();
                assertThat(Long.parseLong(found.group(1))).isEqualTo(offset);
            }
            assertThat(server.metrics().value("ws_slow_consumers_total")).isZero();
        }
    }

    @Test
    void manyWhoComeBackDuringPublishesLoseNothingAndGetNothingTwice() throws Exception {
        int clients = 100;
        try (ClientSession writer = session()) {
            String epoch = publish(writer, "news:e", 100, "1");
            CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> publish(writer, "news:e", 200, "1"));
            List<ClientSession> all = new ArrayList<>();
            try {
                for (int i = 0; i < clients; i++) {
                    ClientSession back = session();
                    all.add(back.send(subscription("news:e", epoch, i % 100)));
                }
                publishing.get(60, TimeUnit.SECONDS);

                for (int i = 0; i < clients; i++) {
                    ClientSession back = all.get(i);
                    assertThat(back.await("subscribed").path("recovered").asBoolean())
                            .isTrue();
                    assertThat(awaitOffsets(back, 300 - i % 100)).isEqualTo(range(i % 100 + 1, 300));
                    assertThat(back.drain()).isEmpty();
                }
            } finally {
                all.forEach(ClientSession::close);
            }
        }
    }

    private static ClientSession session() {
        ClientSession session = ClientSession.open(server);
        session.await("welcome");
        return session;
    }

    private static String subscription(String channel, String epoch, long offset) {
        return "{\"type\":\"subscribe\",\"channel\":\"" + channel + "\",\"recover\":{\"epoch\":\"" + epoch
                + "\",\"offset\":" + offset + "}}";
    }

    private static JsonNode recover(ClientSession session, String channel, String epoch, long offset) {
        session.send(subscription(channel, epoch, offset));
        return session.await("subscribed");
    }

    /** Publishes one after the other, and returns the epoch. */
    private static String publish(ClientSession session, String channel, int count, String data) {
        String epoch = "";
        for (int i = 1; i <= count; i++) {
            session.send(
                    "{\"type\":\"publish\",\"channel\":\"" + channel + "\",\"data\":" + data + ",\"id\":" + i + "}");
            epoch = session.await("published").path("epoch").asString();
        }
        return epoch;
    }

    private static List<Long> awaitOffsets(ClientSession session, int count) {
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            offsets.add(session.await("message").path("offset").asLong());
        }
        return offsets;
    }

    private static List<Long> range(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }
}
