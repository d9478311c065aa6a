package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GoodbyeTests {

    private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 50, 125})
    void closeFrameIsFoundBehindAnything(int payload) {
        byte[] frame = close(1002, payload);

        assertThat(Goodbye.ends(Unpooled.wrappedBuffer(frame))).isTrue();
        assertThat(Goodbye.ends(Unpooled.wrappedBuffer(new byte[] {1, -2, 3, 4, 5, 6, 7}, frame)))
                .isTrue();
        ByteBuf read = Unpooled.wrappedBuffer(frame);
        read.skipBytes(frame.length);
        assertThat(Goodbye.ends(read)).as("read already").isTrue();
    }

    @Test
    void whatIsNotAllThereIsNotFound() {
        byte[] frame = close(1002, 10);
        for (int length = 0; length < frame.length; length++) {
            assertThat(Goodbye.ends(Unpooled.wrappedBuffer(frame, 0, length)))
                    .as("%d bytes", length)
                    .isFalse();
        }
        assertThat(Goodbye.ends(Unpooled.wrappedBuffer(frame, new byte[1]))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 5000, 65_535})
    void whatHasNoCloseCodeIsNone(int code) {
        assertThat(Goodbye.ends(Unpooled.wrappedBuffer(close(code, 2)))).isFalse();
    }

    private static byte[] close(int code, int payload) {
        byte[] frame = new byte[6 + payload];
        frame[0] = (byte) 0x88;
        frame[1] = (byte) (0x80 | payload);
        System.arraycopy(MASK, 0, frame, 2, 4);
        if (payload > 1) {
            frame[6] = (byte) (code >> 8 ^ MASK[0]);
            frame[7] = (byte) (code ^ MASK[1]);
        }
        return frame;
    }
}
