package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames and offers of permessage-deflate, right and wrong: whatever is wrong is the client's fault, and says so. */
class DeflatedFramesIT {

    private static final String PING = "{\"type\":\"ping\"}";
    private static final int LIMIT = 65_536;

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.websocket.compression=true",
                        "starling.limits.max-connections-per-ip=0",
                        "starling.limits.connect-rate=0")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void serverIsUnimpressed() {
        BadInputIT.assertHealthy(server);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,0", "6,1", "6,2", "9,0"})
    void messageOfTheLimitIsTakenHoweverItIsDeflated(int level, int strategy) {
        try (DeflatingClient client = DeflatingClient.open(server.port())) {
            byte[] frame = client.level(level, strategy).deflated(ping(LIMIT));

            client.send(RawFrame.TEXT, frame).awaitText("\"pong\"");
            client.send(PING).awaitText("\"pong\"");
        }
    }

    @Test
    void messageMayBeFlushedAfterEachByte() {
        byte[] text = ping(LIMIT).getBytes(StandardCharsets.US_ASCII);
        byte[] end = {0, 0, -1, -1};
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        try (DeflatingClient client = DeflatingClient.open(server.port())) {
            for (int i = 0; i < text.length; i++) {
                frame.writeBytes(client.deflated(new byte[] {text[i]}));
                frame.writeBytes(i < text.length - 1 ? end : new byte[0]);
            }

            assertThat(frame.size()).isGreaterThan(6 * LIMIT);
            client.send(RawFrame.TEXT, frame.toByteArray()).awaitText("\"pong\"");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {LIMIT + 1, 70_000, 100_000_000})
    void messageThatInflatesPastTheLimitIsTooBig(int length) {
        double before = server.metrics().value("ws_messages_total", "type=\"malformed\"");
        try (DeflatingClient client = DeflatingClient.open(server.port())) {
            client.send("a".repeat(length));

            assertThat(client.awaitEnd()).isEqualTo(1009);
        }
        assertThat(server.metrics().value("ws_messages_total", "type=\"malformed\""))
                .isEqualTo(before + 1);
    }

    @Test
    void messageThatIsNotDeflatedHasTheSameLimit() {
        try (DeflatingClient client = DeflatingClient.open(server.port())) {
            client.wire.send(RawFrame.text(ping(LIMIT)));
            client.awaitText("\"pong\"");
            client.wire.send(RawFrame.text(ping(LIMIT + 1)));

            assertThat(client.awaitEnd()).isEqualTo(1009);
        }
    }

    /** Refused by its header, of which the last byte of the length comes alone: nothing of it is kept. */
    @ParameterizedTest
    @CsvSource({"1, 65537", "1, 524288", "1, 524289", "2, 65537", "0, 65537", "1, 9223372036854775807"})
    void lengthOfAFrameThatIsNotDeflatedIsLimitedBeforeItsPayload(int opcode, long length) {
        try (DeflatingClient client = DeflatingClient.open(server.port())) {
            if (opcode == RawFrame.CONTINUATION) {
                client.wire.send(RawFrame.of(RawFrame.TEXT, new byte[] {'{'}).open());
            }
            byte[] frame = RawFrame.of(opcode, new byte[0]).length(8, length).encode();
            client.wire.send(Arrays.copyOf(frame, 9));
            client.wire.send(new byte[] {frame[9]});

            assertThat(client.awaitEnd()).isEqualTo(1009);
        }
    }

    /** The part that goes on with a deflated message has the limit of deflated frames, also after one that is not deflated. */
    @Test
    void continuationOfADeflatedMessageMayBeLongOnTheWire() {
        byte[] ping = ping(LIMIT).getBytes(StandardCharsets.US_ASCII);
        try (DeflatingClient client = DeflatingClient.open(server.port())) {
            client.wire.send(RawFrame.text(ping(LIMIT)));
            client.awaitText("\"pong\"");
            byte[] frame = client.level(0, Deflater.DEFAULT_STRATEGY).deflated(ping);
            assertThat(frame.length).isGreaterThan(LIMIT + 1);
            client.wire.send(RawFrame.of(RawFrame.TEXT, Arrays.copyOf(frame, 1))
                    .reserved(DeflatingClient.DEFLATED)
                    .open());
            client.wire.send(RawFrame.of(RawFrame.CONTINUATION, Arrays.copyOfRange(frame, 1, frame.length)));

            client.awaitText("\"pong\"");
        }
    }

    @Test
    void fragmentsThatInflatePastTheLimitTogetherAreTooBig() {
        try (DeflatingClient client = DeflatingClient.open(server.port())) {
            byte[] frame = client.level(0, Deflater.DEFAULT_STRATEGY).deflated("a".repeat(LIMIT + 1));
            int half = frame.length / 2;
            client.wire.send(RawFrame.of(RawFrame.TEXT, Arrays.copyOf(frame, half))
                    .reserved(DeflatingClient.DEFLATED)
                    .open());
            client.wire.send(RawFrame.of(RawFrame.CONTINUATION, Arrays.copyOfRange(frame, half, frame.length)));

            assertThat(client.awaitEnd()).isEqualTo(1009);
        }
    }

    @Test
    void messageMayBeCutAnywhereWithControlFramesBetween() {
        try (DeflatingClient client = DeflatingClient.open(server.port())) {
            byte[] frame = client.deflated("{\"type\":\"ping\",\"id\":\"é\"}");
            for (int i = 0; i < frame.length; i++) {
                RawFrame part = RawFrame.of(i == 0 ? RawFrame.TEXT : RawFrame.CONTINUATION, new byte[] {frame[i]})
                        .reserved(i == 0 ? DeflatingClient.DEFLATED : 0);
                client.wire.send(i == frame.length - 1 ? part : part.open());
                client.wire.send(RawFrame.of(RawFrame.PING, new byte[] {1}));
            }
            assertThat(client.awaitText("\"pong\"")).contains("\"id\":\"é\"");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void corruptDataIsAProtocolError(int seed) {
        byte[] noise = {-1, -1, -1, -1};
        byte[] more = new byte[500];
        new Random(seed).nextBytes(more);
        more[0] |= 6; // a block of no known type
        for (byte[] payload : new byte[][] {noise, more}) {
            try (DeflatingClient client = DeflatingClient.open(server.port())) {
                client.send(RawFrame.TEXT, payload);

                assertThat(client.awaitEnd()).isEqualTo(1002);
            }
        }
    }

    @Test
    void deflatedTextHasToBeUtf8AndDeflatedBinaryIsStillBinary() {
        try (DeflatingClient text = DeflatingClient.open(server.port());
                DeflatingClient binary = DeflatingClient.open(server.port())) {
            text.send(RawFrame.TEXT, text.deflated(new byte[] {'"', -1, '"'}));
            binary.send(RawFrame.BINARY, binary.deflated(PING));

            assertThat(text.awaitEnd()).isEqualTo(1007);
            assertThat(binary.awaitEnd()).isEqualTo(1003);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {RawFrame.PING, RawFrame.PONG, RawFrame.CLOSE})
    void reservedBitOfAControlFrameIsAProtocolError(int opcode) {
        for (int bits = 1; bits < 8; bits++) {
            try (DeflatingClient client = DeflatingClient.open(server.port())) {
                client.wire.send(RawFrame.of(opcode, new byte[] {3, -24}).reserved(bits));

                assertThat(BadInputIT.awaitEnd(client.wire, opcode != RawFrame.CLOSE))
                        .as("bits %d", bits)
                        .isEqualTo(1002);
            }
        }
    }

    @Test
    void reservedBitOfAContinuationIsAProtocolError() {
        for (int bits = 1; bits < 8; bits++) {
            try (DeflatingClient client = DeflatingClient.open(server.port())) {
                client.wire.send(RawFrame.of(RawFrame.TEXT, new byte[] {'{'}).open());
                client.wire.send(
                        RawFrame.of(RawFrame.CONTINUATION, new byte[] {'}'}).reserved(bits));

                assertThat(client.awaitEnd()).as("bits %d", bits).isEqualTo(1002);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 6, 7})
    void otherReservedBitsOfAMessageAreAProtocolError(int bits) {
        try (DeflatingClient client = DeflatingClient.open(server.port())) {
            client.wire.send(RawFrame.of(RawFrame.TEXT, client.deflated(PING)).reserved(bits));

            assertThat(client.awaitEnd()).isEqualTo(1002);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "client_max_window_bits=1e1",
                "client_max_window_bits=",
                "client_max_window_bits=16",
                "client_max_window_bits=\"1e1\"",
                "client_max_window_bits=10; client_max_window_bits=10",
                "server_max_window_bits=99999999999",
                "server_max_window_bits",
                "unknown=\"",
                "=;=",
            })
    void offerThatCanNotBeAcceptedIsDeclined(String parameters) {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = client.upgrade(
                    "/ws",
                    DeflatingClient.OFFER + "; " + parameters,
                    "Authorization: Bearer " + Tokens.standard().sign());

            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.header("sec-websocket-extensions")).isNull();
            client.awaitText("\"welcome\"");
            client.send(PING).awaitText("\"pong\"");
        }
    }

    @Test
    void malformedOfferOfAStrangerIsRefusedForTheTokenAlone() {
        try (RawClient client = RawClient.connect(server.port())) {
            assertThat(client.upgrade("/ws", DeflatingClient.OFFER + "; client_max_window_bits=1e1")
                            .status())
                    .isEqualTo(401);
        }
    }

    @Test
    void firstAcceptableOfAllOffersIsAccepted() {
        try (RawClient client = RawClient.connect(server.port())) {
            HttpAnswer answer = client.upgrade(
                    "/ws",
                    "Sec-WebSocket-Extensions: foo; bar=\"a, b\", permessage-deflate; server_max_window_bits=x",
                    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=\"10\"",
                    "Authorization: Bearer " + Tokens.standard().sign());

            assertThat(answer.header("sec-websocket-extensions")).isEqualTo("permessage-deflate");
        }
    }

    /** A ping of this length that does not deflate well. */
    private static String ping(int length) {
        StringBuilder text = new StringBuilder("{\"type\":\"ping\",\"x\":\"");
        Random random = new Random(length);
        while (text.length() < length - 2) {
            text.append((char) (random.nextInt(26) + (random.nextBoolean() ? 'a' : 'A')));
        }
        return text.append("\"}").toString();
    }
}
