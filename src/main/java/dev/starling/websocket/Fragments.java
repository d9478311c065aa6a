package dev.starling.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** The parts of one message that came in several frames (RFC 6455, section 5.4). */
final class Fragments {

    /** A message in more parts than this is an attack on us, not a message. */
    private static final int MAX_PARTS = 1024;

    private static final int FIRST_BYTES = 1024;

    private final ByteBuf parts = Unpooled.buffer(FIRST_BYTES);
    private int count;

    /** Adds a copy of the part; false if the message is too long now, or has too many parts. */
    boolean add(ByteBuf part, long maxBytes) {
        if (++count > MAX_PARTS || parts.readableBytes() + part.readableBytes() > maxBytes) {
            return false;
        }
        parts.writeBytes(part, part.readerIndex(), part.readableBytes());
        return true;
    }

    /** All parts; on the heap, so that nobody has to release it. */
    ByteBuf message() {
        return parts;
    }
}
