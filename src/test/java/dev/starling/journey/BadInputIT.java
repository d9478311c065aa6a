package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What no client should send: each gets its code, and none leaves a trace of a stack. */
class BadInputIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String PING = "{\"type\":\"ping\"}";
    private static final int TEXT = RawFrame.TEXT;
    private static final int OVER_LIMIT = 65_537;

    /** Less than the two seconds after which a client that does not answer is cut. */
    private static final Duration AT_ONCE = Duration.ofMillis(1500);

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = StandardServer.get();
    }

    @AfterEach
    void serverIsUnimpressed() {
        assertHealthy(server);
    }

    static Stream<Arguments> brokenFrames() {
        byte[] ping = PING.getBytes(StandardCharsets.UTF_8);
        RawFrame fine = RawFrame.text(PING);
        return Stream.of(
                Arguments.of("unmasked", List.of(fine.unmasked()), List.of(1002)),
                Arguments.of("first reserved bit", List.of(fine.reserved(4)), List.of(1002)),
                Arguments.of("last reserved bit", List.of(fine.reserved(1)), List.of(1002)),
                Arguments.of(
                        "reserved bit of a ping",
                        List.of(RawFrame.of(RawFrame.PING, ping).reserved(4)),
                        List.of(1002)),
                Arguments.of(
                        "reserved bit of a pong",
                        List.of(RawFrame.of(RawFrame.PONG, ping).reserved(2)),
                        List.of(1002)),
                Arguments.of(
                        "reserved bit of a close", List.of(RawFrame.close(1000).reserved(1)), List.of(1002)),
                Arguments.of(
                        "reserved bit of a continuation",
                        List.of(
                                fine.open(),
                                RawFrame.of(RawFrame.CONTINUATION, ping).reserved(4)),
                        List.of(1002)),
                Arguments.of("opcode 3", List.of(RawFrame.of(3, ping)), List.of(1002)),
                Arguments.of("opcode 7", List.of(RawFrame.of(7, ping)), List.of(1002)),
                Arguments.of("opcode 11", List.of(RawFrame.of(11, new byte[0])), List.of(1002)),
                Arguments.of("opcode 15", List.of(RawFrame.of(15, new byte[0])), List.of(1002)),
                Arguments.of("binary", List.of(RawFrame.of(RawFrame.BINARY, ping)), List.of(1003)),
                Arguments.of("overlong UTF-8", List.of(bytes(0x22, 0xc0, 0x80, 0x22)), List.of(1007)),
                Arguments.of("cut UTF-8", List.of(bytes(0x22, 0xe2, 0x82)), List.of(1007)),
                Arguments.of("surrogate in UTF-8", List.of(bytes(0x22, 0xed, 0xa0, 0x80, 0x22)), List.of(1007)),
                Arguments.of("bad UTF-8 inside a publish", List.of(badPublish()), List.of(1007)),
                Arguments.of(
                        "continuation of nothing", List.of(RawFrame.of(RawFrame.CONTINUATION, ping)), List.of(1002)),
                Arguments.of("text inside of a text", List.of(fine.open(), fine), List.of(1002)),
                Arguments.of(
                        "fragmented ping",
                        List.of(RawFrame.of(RawFrame.PING, ping).open()),
                        List.of(1002)),
                Arguments.of("ping of 126 bytes", List.of(RawFrame.of(RawFrame.PING, new byte[126])), List.of(1002)),
                Arguments.of("close of one byte", List.of(RawFrame.of(RawFrame.CLOSE, new byte[1])), List.of(1002)),
                Arguments.of(
                        "close with a reason that is no UTF-8",
                        List.of(RawFrame.of(RawFrame.CLOSE, new byte[] {3, -24, -1})),
                        List.of(1007)),
                Arguments.of("too long", List.of(RawFrame.of(TEXT, new byte[OVER_LIMIT])), List.of(1009)),
                Arguments.of(
                        "too long in two fragments",
                        List.of(
                                RawFrame.of(TEXT, new byte[OVER_LIMIT - 1]).open(),
                                RawFrame.of(RawFrame.CONTINUATION, new byte[1])),
                        List.of(1009)),
                Arguments.of("an exabyte", List.of(fine.length(8, 1L << 60)), List.of(1009)),
                Arguments.of("a negative length", List.of(fine.length(8, -1)), List.of(1002, 1009)),
                Arguments.of("a length longer than needed", List.of(fine.length(8, ping.length)), List.of(1002)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenFrames")
    void brokenFrameClosesTheConnectionWithItsCode(String name, List<RawFrame> frames, List<Integer> codes) {
        try (RawClient client = RawClient.open(server.port(), token())) {
            frames.forEach(client::send);

            assertThat(codes).as(name).contains(awaitEnd(client, !hasClose(frames)));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenFrames")
    void goodbyeBehindABrokenFrameEndsTheConnectionToo(String name, List<RawFrame> frames, List<Integer> codes) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        frames.forEach(frame -> wire.writeBytes(frame.encode()));
        if (!hasClose(frames)) {
            wire.writeBytes(RawFrame.close(1000).encode());
        }
        try (RawClient client = RawClient.open(server.port(), token())) {
            client.send(wire.toByteArray());

            assertThat(codes).as(name).contains(awaitEnd(client, false));
        }
    }

    /** RFC 6455, section 7.4: what may not be in a close frame, and what nobody has given a meaning. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 9999, 32_767, 32_768, 65_535})
    void closeWithACodeThatThereIsNotIsAProtocolError(int code) {
        try (RawClient client = RawClient.open(server.port(), token())) {
            client.send(RawFrame.close(code));

            assertThat(awaitEnd(client, false)).isEqualTo(1002);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 3000, 3999, 4000, 4999})
    void closeIsAnsweredWithItsOwnCode(int code) {
        try (RawClient client = RawClient.open(server.port(), token())) {
            client.send(RawFrame.close(code));

            assertThat(awaitEnd(client, false)).isEqualTo(code);
        }
    }

    @Test
    void closeWithoutACodeIsAnsweredWithoutOne() {
        try (RawClient client = RawClient.open(server.port(), token())) {
            client.send(RawFrame.of(RawFrame.CLOSE, new byte[0]));

            assertThat(client.awaitClose().payload()).isEmpty();
            client.awaitOrderlyEnd(AT_ONCE);
        }
    }

    static Stream<Arguments> malformedTexts() {
        String publish = "{\"type\":\"publish\",\"channel\":\"open:bad\",";
        return Stream.of(
                Arguments.of("", 100),
                Arguments.of("nonsense", 100),
                Arguments.of("[]", 100),
                Arguments.of("7", 100),
                Arguments.of("\"ping\"", 100),
                Arguments.of("null", 100),
                Arguments.of("{", 100),
                Arguments.of(PING + PING, 100),
                Arguments.of(PING + "x", 100),
                Arguments.of("{'type':'ping'}", 100),
                Arguments.of("{\"type\":\"ping\",}", 100),
                Arguments.of("{\"type\":1}", 101),
                Arguments.of("{\"type\":null}", 101),
                Arguments.of("{\"type\":\"ping\",\"type\":\"ping\"}", 100),
                Arguments.of("{\"type\":\"ping\",\"id\":{}}", 100),
                Arguments.of("{\"type\":\"ping\",\"id\":\"a\",\"id\":\"b\"}", 100),
                Arguments.of("{\"type\":\"subscribe\",\"channel\":7}", 100),
                Arguments.of("{\"type\":\"subscribe\",\"channel\":[\"open:bad\"]}", 100),
                Arguments.of("{\"type\":\"subscribe\",\"channel\":\"open:bad\",\"recover\":7}", 100),
                Arguments.of("{\"type\":\"refresh\"}", 100),
                Arguments.of("{\"type\":\"refresh\",\"token\":true}", 100),
                Arguments.of(publish + "\"id\":1}", 100),
                Arguments.of(publish + "\"data\":}", 100),
                Arguments.of(publish + "\"data\":01}", 100),
                Arguments.of(publish + "\"data\":NaN}", 100),
                Arguments.of(publish + "\"data\":\"\u0001\"}", 100),
                Arguments.of(publish + "\"data\":\"\\x\"}", 100),
                Arguments.of(publish + "\"data\":1,\"data\":2}", 100),
                Arguments.of(publish + "\"data\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}", 100),
                Arguments.of("{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000), 100),
                Arguments.of("{}", 101),
                Arguments.of("{\"channel\":\"open:bad\"}", 101),
                Arguments.of("{\"type\":\"\"}", 101),
                Arguments.of("{\"type\":\"explode\"}", 101),
                Arguments.of("{\"type\":\"PING\"}", 101),
                Arguments.of("{\"type\":\"\\ud800\"}", 100),
                Arguments.of("{\"type\":\"subscribe\"}", 102),
                Arguments.of("{\"type\":\"subscribe\",\"channel\":\"\"}", 102),
                Arguments.of("{\"type\":\"subscribe\",\"channel\":\"open:\\ud800\"}", 100),
                Arguments.of("{\"type\":\"subscribe\",\"channel\":\"open:\\u0007\"}", 102),
                Arguments.of("{\"type\":\"subscribe\",\"channel\":\"" + "x".repeat(256) + "\"}", 102),
                Arguments.of("{\"type\":\"ping\",\"id\":\"" + "x".repeat(65) + "\"}", 108));
    }

    @ParameterizedTest(name = "{index}: {1}")
    @MethodSource("malformedTexts")
    void malformedTextIsAnsweredWithItsCodeAndTheConnectionLives(String text, int code) {
        try (RawClient client = RawClient.open(server.port(), token())) {
            JsonNode error = JSON.readTree(client.send(text).awaitText("\"error\""));

            assertThat(error.get("code").asInt()).as(error.toString()).isEqualTo(code);
            assertThat(error.get("retry").asBoolean()).isFalse();
            client.send(PING).awaitText("\"pong\"");
        }
    }

    @Test
    void fragmentsAreJoinedWithControlFramesBetween() {
        byte[] text = "{\"type\":\"ping\",\"id\":\"é\"}".getBytes(StandardCharsets.UTF_8);
        try (RawClient client = RawClient.open(server.port(), token())) {
            for (int i = 0; i < text.length; i++) {
                RawFrame part = RawFrame.of(i == 0 ? TEXT : RawFrame.CONTINUATION, new byte[] {text[i]});
                client.send(i == text.length - 1 ? part : part.open());
                client.send(RawFrame.of(RawFrame.PING, new byte[] {1}));
            }
            assertThat(client.awaitText("\"pong\"")).contains("\"id\":\"é\"");
        }
    }

    @Test
    void frameThatArrivesByteByByteIsRead() {
        try (RawClient client = RawClient.open(server.port(), token())) {
            for (byte next : RawFrame.text(PING).encode()) {
                client.send(new byte[] {next});
            }
            client.awaitText("\"pong\"");
        }
    }

    @Test
    void pingIsAnsweredWithItsOwnBytes() {
        try (RawClient client = RawClient.open(server.port(), token())) {
            client.send(RawFrame.of(RawFrame.PING, new byte[] {1, 2, 3}));

            assertThat(client.await(frame -> frame.opcode() == RawFrame.PONG).payload())
                    .containsExactly(1, 2, 3);
        }
    }

    private static RawFrame badPublish() {
        byte[] text = "{\"type\":\"publish\",\"channel\":\"open:bad\",\"data\":\"?\"}".getBytes(StandardCharsets.UTF_8);
        text[text.length - 3] = (byte) 0xff;
        return RawFrame.of(TEXT, text);
    }

    private static RawFrame bytes(int... values) {
        byte[] payload = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            payload[i] = (byte) values[i];
        }
        return RawFrame.of(TEXT, payload);
    }

    private static String token() {
        return Tokens.standard().sign();
    }

    private static boolean hasClose(List<RawFrame> frames) {
        return frames.stream().anyMatch(frame -> frame.opcode() == RawFrame.CLOSE);
    }

    /**
     * Awaits the server's close frame and the end of the connection, which follows at once; returns the code.
     *
     * @param answer whether to answer the close frame; else the client has sent its own already
     */
    static int awaitEnd(RawClient client, boolean answer) {
        int code = client.awaitClose().closeCode();
        if (answer) {
            client.send(RawFrame.close(code));
        }
        client.awaitOrderlyEnd(AT_ONCE);
        return code;
    }

    /** A subscribe and a publish work, and the log shows no fault of the server. */
    static void assertHealthy(ServerProcess server) {
        try (ClientSession session = ClientSession.subscribed(server, "open:healthy")) {
            session.publish("open:healthy", "1");
            assertThat(session.awaitData().asInt()).isEqualTo(1);
        }
        assertThat(server.newFaults()).isEmpty();
    }
}
