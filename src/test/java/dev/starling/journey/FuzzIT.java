package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A hundred thousand frames, and some handshakes, that no client would send, the same ones in each run. */
class FuzzIT {

    private static final int FRAMES = 100_000;
    private static final int BATCH = 100;
    private static final int FATAL_EVERY = 4;
    private static final int CONNECTIONS = 500;

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.limits.max-malformed=0",
                        "starling.limits.message-rate=0",
                        "starling.limits.connect-rate=0",
                        "starling.websocket.compression=true",
                        "starling.limits.max-connections-per-ip=0")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void serverIsHealthyAfterAHundredThousandBadFrames() {
        Random random = new Random(20_240_229);
        FrameMutator mutator = new FrameMutator(random);
        RawClient client = open();
        int sent = 0;
        for (int batch = 0; sent < FRAMES; batch++) {
            sent += BATCH;
            client.send(texts(mutator, "marker-" + batch));
            if (!awaitMarker(client, "marker-" + batch)) {
                client.close();
                client = open();
            }
            if (batch % FATAL_EVERY == 0) {
                sent++;
                client.send(mutator.brokenFrame());
                client.endOutput();
                client.awaitEnd(Duration.ofSeconds(10));
                client.close();
                client = open();
            }
        }
        client.close();
        BadInputIT.assertHealthy(server);
        assertThat(server.get("/readyz").statusCode()).isEqualTo(200);
        assertThat(server.metrics().value("ws_connections_active")).isLessThanOrEqualTo(1);
    }

    @Test
    void serverIsHealthyAfterBadDeflatedFrames() {
        FrameMutator mutator = new FrameMutator(new Random(7692));
        for (int i = 0; i < CONNECTIONS; i++) {
            try (DeflatingClient client = DeflatingClient.open(server.port())) {
                for (int frame = 0; frame < 4; frame++) {
                    client.wire.trySend(mutator.deflatedFrame(client));
                }
                client.wire.endOutput();
                client.wire.awaitEnd(Duration.ofSeconds(10));
            }
        }
        BadInputIT.assertHealthy(server);
    }

    @Test
    void serverIsHealthyAfterBadHandshakes() {
        Random random = new Random(6455);
        FrameMutator mutator = new FrameMutator(random);
        String token = "Authorization: Bearer " + Tokens.standard().sign();
        for (int i = 0; i < CONNECTIONS; i++) {
            try (RawClient client = RawClient.connect(server.port())) {
                client.trySend(mutator.handshake(token));
                client.endOutput();
                assertThat(client.endedWithin(Duration.ofSeconds(10))).isTrue();
            }
        }
        BadInputIT.assertHealthy(server);
    }

    /** Frames that are frames, with texts that may be nothing, and a ping at the end that says that all were read. */
    private static byte[] texts(FrameMutator mutator, String marker) {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        for (int i = 0; i < BATCH; i++) {
            batch.writeBytes(mutator.text());
        }
        batch.writeBytes(
                RawFrame.text("{\"type\":\"ping\",\"id\":\"" + marker + "\"}").encode());
        return batch.toByteArray();
    }

    /** Whether the answer to the last ping came; false if the server has closed the connection before. */
    private static boolean awaitMarker(RawClient client, String marker) {
        for (Optional<RawFrame> next = client.read(); next.isPresent(); next = client.read()) {
            RawFrame frame = next.get();
            if (frame.opcode() == RawFrame.CLOSE) {
                return false;
            }
            if (frame.opcode() == RawFrame.TEXT && frame.text().contains("\"" + marker + "\"")) {
                return true;
            }
            assertThat(frame.text()).as("an internal error").doesNotContain("\"code\":111");
        }
        return false;
    }

    private static RawClient open() {
        return RawClient.open(server.port(), Tokens.standard().sign());
    }
}
