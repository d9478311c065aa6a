package dev.starling.loadtest.client;

/** Reads the frames of a server out of its bytes: unmasked, whole. Stateless; what is incomplete stays with the caller. */
public final class FrameReader {

    static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    public static final int PING = 9;
    static final int PONG = 10;

    private static final int MAX_CONTROL_BYTES = 125;

    /** Takes one frame; its payload is at {@code from} to {@code to}. Returns whether to read on. */
    interface Sink {
        boolean frame(int opcode, byte[] bytes, int from, int to);
    }

    private FrameReader() {}

    /**
     * Hands out all complete frames.
     *
     * @return where the first incomplete frame begins
     * @throws BrokenFrameException if these bytes are no frames of a server
     */
    static int read(byte[] bytes, int from, int to, int maxPayloadBytes, Sink sink) {
        int at = from;
        while (to - at >= 2) {
            int head = bytes[at];
            int second = bytes[at + 1];
            check(head, second);
            int headBytes = second == 127 ? 10 : second == 126 ? 4 : 2;
            if (to - at < headBytes) {
                return at;
            }
            long length = second < 126 ? second : number(bytes, at + 2, headBytes - 2);
            if (length < 0 || length > maxPayloadBytes) {
                throw new BrokenFrameException("frame of too many bytes");
            }
            int end = at + headBytes + (int) length;
            if (end > to) {
                return at;
            }
            if (!sink.frame(head & 0x0f, bytes, at + headBytes, end)) {
                return to;
            }
            at = end;
        }
        return at;
    }

    private static void check(int head, int second) {
        int opcode = head & 0x0f;
        if ((head & 0x70) != 0) {
            throw new BrokenFrameException("reserved bits set");
        }
        if ((head & 0x80) == 0 || opcode == CONTINUATION) {
            throw new BrokenFrameException("fragmented message");
        }
        if ((opcode > BINARY && opcode < CLOSE) || opcode > PONG) {
            throw new BrokenFrameException("opcode " + opcode);
        }
        if (opcode >= CLOSE && (second & 0x7f) > MAX_CONTROL_BYTES) {
            throw new BrokenFrameException("control frame of too many bytes");
        }
        if (second < 0) {
            throw new BrokenFrameException("masked frame");
        }
    }

    private static long number(byte[] bytes, int at, int count) {
        long number = 0;
        for (int i = 0; i < count; i++) {
            number = (number << 8) | (bytes[at + i] & 0xff);
        }
        return number;
    }

    /** The server sent bytes that are no WebSocket frames. */
    static final class BrokenFrameException extends RuntimeException {

        BrokenFrameException(String message) {
            super(message, null, false, false);
        }
    }
}
