package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What clients are told when Redis has lost messages and no node remembers, and when it has lost none. */
class PositionsIT {

    private final String channel = "kept:" + UUID.randomUUID();

    private RedisServer redis;
    private ServerProcess node;

    @BeforeEach
    void start() {
        redis = Nodes.sharedRedis();
        Nodes.shared().awaitReady();
        node = Nodes.shared().get(0);
    }

    @Test
    void bothClientsThatSawWhatIsLostAreTold() {
        String epoch = publish(1, 5);
        redis.cli("HSET", "ws:meta:{" + channel + "}", "s", "3");
        redis.cli("XDEL", "ws:stream:{" + channel + "}", "4-0", "5-0");

        JsonNode first = comeBack(epoch, 5);
        publish(4, 6);
        JsonNode second = comeBack(epoch, 5);

        assertThat(first.path("recovered").asBoolean()).isFalse();
        assertThat(first.path("offset").asLong()).isEqualTo(3);
        assertThat(first.path("epoch").asString()).isNotEqualTo(epoch);
        assertThat(second.path("recovered").asBoolean()).isFalse();
        assertThat(second.path("offset").asLong()).isEqualTo(6);
        try (ClientSession third = session()) {
            assertThat(recover(third, epoch, 3).path("recovered").asBoolean()).isTrue();
            JsonNode next = third.await("subscribed");
            assertThat(next.path("recovered").asBoolean()).isTrue();
            assertThat(next.path("offset").asLong()).isEqualTo(3);
            for (int i = 4; i <= 6; i++) {
                assertThat(third.awaitData().asInt()).isEqualTo(i);
            }
        }
    }

    @Test
    void aRestartThatLosesNothingIsToldBeforeTheNextMessageAndCostsNobodyAnything() {
        String epoch = publish(1, 3);
        try (ClientSession living = session();
                EventStream stream = EventStream.open(node, channel)) {
            assertThat(recover(living, epoch, 1).path("recovered").asBoolean()).isTrue();
            assertThat(living.awaitData().asInt()).isEqualTo(2);
            assertThat(living.awaitData().asInt()).isEqualTo(3);
            stream.await("subscribed");
            redis.restart();
            Nodes.shared().awaitReady();

            String next = publish(4, 4);

            assertThat(next).isNotEqualTo(epoch);
            List<JsonNode> frames = List.of(living.await(frame -> true), living.await(frame -> true));
            assertThat(frames)
                    .extracting(frame -> frame.path("type").asString())
                    .containsExactly("subscribed", "message");
            assertThat(frames.get(0).path("epoch").asString()).isEqualTo(next);
            assertThat(frames.get(0).path("offset").asLong()).isEqualTo(3);
            assertThat(frames.get(0).path("recovered").asBoolean()).isTrue();
            assertThat(frames.get(0).has("id")).isFalse();
            assertThat(stream.await("subscribed").id()).isEqualTo(next + ":3");
            assertThat(stream.await("message").id()).isEqualTo(next + ":4");
        }
        assertThat(comeBack(epoch, 3).path("recovered").asBoolean()).isTrue();
        assertThat(comeBack(epoch, 4).path("recovered").asBoolean()).isFalse();
    }

    @Test
    void aRepeatedKeyWhoseMessageIsLostIsPublishedAnew() {
        publish(1, 2);
        try (ClientSession writer = session()) {
            String frame = "{\"type\":\"publish\",\"id\":1,\"channel\":\"" + channel + "\",\"data\":3,\"key\":\"k\"}";
            JsonNode lost = writer.send(frame).await("published");
            redis.cli("HSET", "ws:meta:{" + channel + "}", "s", "2");
            redis.cli("XDEL", "ws:stream:{" + channel + "}", "3-0");

            JsonNode again = writer.send(frame).await("published");

            assertThat(again.path("offset").asLong()).isEqualTo(3);
            assertThat(again.path("epoch").asString())
                    .isNotEqualTo(lost.path("epoch").asString());
            assertThat(comeBack(lost.path("epoch").asString(), 3)
                            .path("recovered")
                            .asBoolean())
                    .isFalse();
        }
    }

    private ClientSession session() {
        ClientSession session = ClientSession.open(node);
        session.await("welcome");
        return session;
    }

    /** Publishes numbers; the epoch of the last one. */
    private String publish(int first, int last) {
        String epoch = "";
        try (ClientSession writer = session()) {
            for (int i = first; i <= last; i++) {
                writer.send(
                        "{\"type\":\"publish\",\"id\":" + i + ",\"channel\":\"" + channel + "\",\"data\":" + i + "}");
                epoch = writer.await("published").path("epoch").asString();
            }
        }
        return epoch;
    }

    private JsonNode comeBack(String epoch, long offset) {
        awaitForgotten();
        try (ClientSession client = session()) {
            return recover(client, epoch, offset);
        }
    }

    /** The node has let go of the channel, and of what it knew of it. */
    private void awaitForgotten() {
        Awaitility.await()
                .until(() ->
                        redis.cli("PUBSUB", "NUMSUB", "ws:{" + channel + "}").endsWith("0"));
    }

    private JsonNode recover(ClientSession client, String epoch, long offset) {
        client.send("{\"type\":\"subscribe\",\"id\":1,\"channel\":\"" + channel + "\",\"recover\":{\"epoch\":\"" + epoch
                + "\",\"offset\":" + offset + "}}");
        return client.await(frame -> frame.path("id").asInt() == 1);
    }
}
