package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compression is a property, and off. */
class CompressionIT {

    private static final String OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";

    @Test
    void offerIsDeclinedByDefault() {
        try (RawClient client = RawClient.connect(StandardServer.get().port())) {
            HttpAnswer answer = client.upgrade(
                    "/ws", OFFER, "Authorization: Bearer " + Tokens.standard().sign());

            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.header("sec-websocket-extensions")).isNull();
        }
    }

    @Test
    void messagesAreCompressedWhereTheNodeAllowsItAndTheClientOffersIt() {
        NodeRuntime node = NodeRuntime.get();
        try (ServerProcess server =
                        ServerLaunch.with("starling.websocket.compression=true").start();
                NodeRuntime.Script script = node.run("compression.js", NodeClientIT.address(server), "open:deflate");
                ClientSession plain = ClientSession.subscribed(server, "open:deflate")) {
            JsonNode result = new JsonMapper().readTree(script.awaitSuccess(Duration.ofSeconds(20)));

            assertThat(result.get("extensions").asString()).contains("permessage-deflate");
            assertThat(result.get("intact").asBoolean()).isTrue();
            assertThat(result.get("wire").asInt()).isLessThan(3_000);
            plain.publish("open:deflate", "1");
            assertThat(plain.await(frame -> frame.path("data").asInt(0) == 1)).isNotNull();
        }
    }
}
