package dev.starling.loadtest.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** A frame as a client must send it: in one piece, masked. */
final class MaskedFrame {

    private static final int MAX_HEAD_BYTES = 14;

    private MaskedFrame() {}

    static ByteBuf text(ByteBufAllocator allocator, String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return of(allocator, FrameReader.TEXT, bytes, 0, bytes.length);
    }

    /** @param code the close code */
    static ByteBuf close(ByteBufAllocator allocator, int code) {
        return of(allocator, FrameReader.CLOSE, new byte[] {(byte) (code >> 8), (byte) code}, 0, 2);
    }

    static ByteBuf of(ByteBufAllocator allocator, int opcode, byte[] payload, int from, int to) {
        int length = to - from;
        ByteBuf frame = allocator.directBuffer(MAX_HEAD_BYTES + length);
        frame.writeByte(0x80 | opcode);
        if (length < 126) {
            frame.writeByte(0x80 | length);
        } else if (length < 65_536) {
            frame.writeByte(0x80 | 126).writeShort(length);
        } else {
            frame.writeByte(0x80 | 127).writeLong(length);
        }
        // Never 0: a server might skip the work of unmasking.
        int mask = ThreadLocalRandom.current().nextInt() | 1;
        frame.writeInt(mask);
        writeMasked(frame, mask, payload, from, to);
        return frame;
    }

    private static void writeMasked(ByteBuf frame, int mask, byte[] payload, int from, int to) {
        int at = from;
        for (; at + 4 <= to; at += 4) {
            int word = ((payload[at] & 0xff) << 24)
                    | ((payload[at + 1] & 0xff) << 16)
                    | ((payload[at + 2] & 0xff) << 8)
                    | (payload[at + 3] & 0xff);
            frame.writeInt(word ^ mask);
        }
        for (int shift = 24; at < to; at++, shift -= 8) {
            frame.writeByte(payload[at] ^ (mask >>> shift));
        }
    }
}
