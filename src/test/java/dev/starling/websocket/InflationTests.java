package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InflationTests {

    private static final int LIMIT = 1000;

    private final Deflater deflater = new Deflater(6, true);
    private final Inflation inflation = new Inflation(LIMIT);

    @AfterEach
    void end() {
        inflation.end();
        deflater.end();
    }

    @ParameterizedTest(name = "RFC 7692, section 7.2.3: {0}")
    @ValueSource(
            strings = {
                "f2 48 cd c9 c9 07 00", // one block
                "00 05 00 fa ff 48 65 6c 6c 6f 00", // stored
                "f3 48 cd c9 c9 07 00 00", // final
                "f2 48 05 00 00 00 ff ff ca c9 c9 07 00" // two blocks
            })
    void examplesOfTheStandardAreRead(String hex) {
        byte[] frame = HexFormat.ofDelimiter(" ").parseHex(hex);

        assertThat(inflated(frame)).isEqualTo("Hello");
        assertThat(inflated(frame)).as("the next one").isEqualTo("Hello");
    }

    @Test
    void streamMayEndAFewTimesInAMessageAndNotOften() {
        byte[] ends = HexFormat.of().parseHex("0300".repeat(16) + "00");

        assertThat(inflated(ends)).isEmpty();
        assertThat(inflated(ends)).as("the next one").isEmpty();
        assertThatThrownBy(() -> inflated(HexFormat.of().parseHex("0300".repeat(17) + "00")))
                .isInstanceOf(CorruptedWebSocketFrameException.class);
    }

    @Test
    void windowLivesFromMessageToMessage() {
        assertThat(inflated(HexFormat.of().parseHex("f248cdc9c90700"))).isEqualTo("Hello");
        assertThat(inflated(HexFormat.of().parseHex("f200110000"))).isEqualTo("Hello");
    }

    @Test
    void messageMayBeCutAnywhere() {
        byte[] frame = deflated("x".repeat(300) + "y".repeat(300));

        StringBuilder text = new StringBuilder();
        for (int i = 0; i < frame.length; i++) {
            text.append(inflated(new byte[] {frame[i]}, i == frame.length - 1));
        }

        assertThat(text).hasSize(600);
        assertThat(inflated(deflated("next"))).isEqualTo("next");
    }

    @Test
    void messageOfTheLimitIsReadHoweverBadlyItWasDeflated() {
        byte[] noise = new byte[LIMIT];
        new Random(1).nextBytes(noise);

        assertThat(inflated(deflated("a".repeat(LIMIT)))).hasSize(LIMIT);
        byte[] frame = deflated(noise);
        assertThat(frame).hasSizeGreaterThan(LIMIT);
        assertThat(inflated(frame)).hasSize(LIMIT);
    }

    @Test
    void messageOverTheLimitIsTooBigAtOnceAndInPieces() {
        assertFault(1009, deflated("a".repeat(LIMIT + 1)));
        assertFault(1009, deflated("a".repeat(10_000_000)));

        Inflation other = new Inflation(LIMIT);
        byte[] half = deflated("b".repeat(LIMIT / 2 + 1));
        byte[] withItsTail = Arrays.copyOf(half, half.length + 4);
        withItsTail[half.length + 2] = -1;
        withItsTail[half.length + 3] = -1;
        ByteBuf first = other.inflate(Unpooled.wrappedBuffer(withItsTail), false, UnpooledByteBufAllocator.DEFAULT);
        first.release();
        byte[] rest = deflated("b".repeat(LIMIT / 2));
        assertThatThrownBy(() -> other.inflate(Unpooled.wrappedBuffer(rest), true, UnpooledByteBufAllocator.DEFAULT))
                .extracting(failure -> ((CorruptedWebSocketFrameException) failure)
                        .closeStatus()
                        .code())
                .isEqualTo(1009);
        other.end();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ffffffff", "07", "00000000", "0005001111"})
    void whatIsNotDeflatedIsAProtocolError(String hex) {
        assertFault(1002, HexFormat.of().parseHex(hex));
    }

    private void assertFault(int code, byte[] frame) {
        Inflation fresh = new Inflation(LIMIT);
        assertThatThrownBy(() -> fresh.inflate(Unpooled.wrappedBuffer(frame), true, UnpooledByteBufAllocator.DEFAULT))
                .isInstanceOf(CorruptedWebSocketFrameException.class)
                .extracting(failure -> ((CorruptedWebSocketFrameException) failure)
                        .closeStatus()
                        .code())
                .isEqualTo(code);
        fresh.end();
        deflater.reset();
    }

    private String inflated(byte[] frame) {
        return inflated(frame, true);
    }

    private String inflated(byte[] frame, boolean last) {
        ByteBuf text = inflation.inflate(Unpooled.wrappedBuffer(frame), last, UnpooledByteBufAllocator.DEFAULT);
        String read = text.toString(StandardCharsets.ISO_8859_1);
        text.release();
        return read;
    }

    private byte[] deflated(String text) {
        return deflated(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private byte[] deflated(byte[] text) {
        deflater.setInput(text);
        byte[] frame = new byte[100_000];
        int length = deflater.deflate(frame, 0, frame.length, Deflater.SYNC_FLUSH);
        return Arrays.copyOf(frame, length - 4);
    }
}
