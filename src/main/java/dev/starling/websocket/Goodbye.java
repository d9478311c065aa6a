package dev.starling.websocket;

import io.netty.buffer.ByteBuf;

/**
 * Finds a client's close frame behind a bad frame, whose end may be anywhere. The close frame is the last thing that a client sends, so
 * it is looked for at the end of what came.
 */
final class Goodbye {

    private static final int HEADER_BYTES = 6;
    private static final int MOST_PAYLOAD = 125;
    private static final int LOWEST_CODE = 1000;
    private static final int HIGHEST_CODE = 4999;

    /** How long a close frame can be. */
    static final int MOST_BYTES = HEADER_BYTES + MOST_PAYLOAD;

    private Goodbye() {}

    /** Whether what was written into a buffer, read already or not, ends with a close frame of a client. */
    static boolean ends(ByteBuf bytes) {
        for (int payload = 0; payload <= MOST_PAYLOAD; payload++) {
            int start = bytes.writerIndex() - HEADER_BYTES - payload;
            if (start < 0) {
                return false;
            }
            if (bytes.getUnsignedShort(start) == (0x8880 | payload)
                    && (payload == 0 || hasCode(bytes, start, payload))) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasCode(ByteBuf bytes, int start, int payload) {
        int mask = bytes.getUnsignedShort(start + 2);
        int code = payload < 2 ? 0 : bytes.getUnsignedShort(start + HEADER_BYTES) ^ mask;
        return code >= LOWEST_CODE && code <= HIGHEST_CODE;
    }
}
