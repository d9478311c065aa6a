package dev.starling.loadtest.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Frames in and out. */
class FrameReaderTests {

    @Test
    void handsOutWholeFramesAndKeepsTheRest() {
        byte[] bytes = {(byte) 0x81, 2, 'h', 'i', (byte) 0x89, 0, (byte) 0x81, 5, 'p', 'a'};
        List<String> seen = new ArrayList<>();

        int used = FrameReader.read(bytes, 0, bytes.length, 100, (opcode, all, from, to) -> {
            seen.add(opcode + ":" + new String(all, from, to - from, StandardCharsets.US_ASCII));
            return true;
        });

        assertThat(seen).containsExactly("1:hi", "9:");
        assertThat(used).isEqualTo(6);
    }

    @Test
    void readsLengthsOfTwoAndEightBytes() {
        assertThat(lengthOf(126, (byte) 0x81, (byte) 126, (byte) 0, (byte) 126)).isEqualTo(126);
        assertThat(lengthOf(
                        70_000,
                        (byte) 0x81,
                        (byte) 127,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 1,
                        (byte) 0x11,
                        (byte) 0x70))
                .isEqualTo(70_000);
    }

    @Test
    void refusesWhatNoServerMaySend() {
        assertBroken("masked", (byte) 0x81, (byte) 0x80);
        assertBroken("fragmented", (byte) 0x01, (byte) 0);
        assertBroken("reserved", (byte) 0xc1, (byte) 0);
        assertBroken("opcode", (byte) 0x83, (byte) 0);
        assertBroken("control frame", (byte) 0x88, (byte) 126, (byte) 0, (byte) 126);
        assertBroken("bytes", (byte) 0x81, (byte) 126, (byte) 0xff, (byte) 0xff);
    }

    @Test
    void whatIsWrittenIsMaskedAndComesOutAgain() {
        for (int length : new int[] {0, 1, 3, 4, 5, 125, 126, 65_535, 65_536}) {
            byte[] payload = "x".repeat(length).getBytes(StandardCharsets.US_ASCII);
            ByteBuf frame = MaskedFrame.of(ByteBufAllocator.DEFAULT, FrameReader.TEXT, payload, 0, length);
            try {
                assertThat(frame.readByte()).isEqualTo((byte) 0x81);
                int second = frame.readUnsignedByte();
                assertThat(second & 0x80).isEqualTo(0x80);
                long size = (second & 0x7f) == 127
                        ? frame.readLong()
                        : (second & 0x7f) == 126 ? frame.readUnsignedShort() : second & 0x7f;
                byte[] mask = new byte[4];
                frame.readBytes(mask);
                assertThat(mask).isNotEqualTo(new byte[4]);
                byte[] masked = new byte[frame.readableBytes()];
                frame.readBytes(masked);
                for (int i = 0; i < masked.length; i++) {
                    masked[i] ^= mask[i % 4];
                }
                assertThat(size).isEqualTo(length);
                assertThat(masked).isEqualTo(payload);
            } finally {
                frame.release();
            }
        }
    }

    private static int lengthOf(int payload, byte... head) {
        byte[] bytes = new byte[head.length + payload];
        System.arraycopy(head, 0, bytes, 0, head.length);
        int[] length = {-1};
        FrameReader.read(bytes, 0, bytes.length, 100_000, (opcode, all, from, to) -> {
            length[0] = to - from;
            return true;
        });
        return length[0];
    }

    private static void assertBroken(String why, byte... bytes) {
        assertThatThrownBy(() -> FrameReader.read(bytes, 0, bytes.length, 100, (opcode, all, from, to) -> true))
                .isInstanceOf(FrameReader.BrokenFrameException.class)
                .hasMessageContaining(why);
    }
}
