package dev.starling.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** The places in a session's Netty pipeline, and the control frames that are always the same (RFC 6455, section 5.5). */
final class Frames {

    /** Where the handshake puts the frame decoder. */
    static final String DECODER = "wsdecoder";

    /** Where the handshake puts the frame encoder. */
    static final String ENCODER = "wsencoder";

    /** Where {@link Compression} stands. */
    static final String DEFLATER = "starling.deflater";

    /** Where {@link ClosingHandshake} stands. */
    static final String CLOSING = "starling.closing";

    /** Where {@link Backlog} stands. */
    static final String BACKLOG = "starling.backlog";

    private static final ByteBuf PING = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(2).writeByte(0x89).writeByte(0))
            .asReadOnly();

    private Frames() {}

    /** A ping without payload. */
    static ByteBuf ping() {
        return PING.duplicate();
    }

    /** The answer to a ping with this payload of at most 125 bytes. */
    static ByteBuf pong(ByteBufAllocator allocator, ByteBuf payload) {
        int length = payload.readableBytes();
        return allocator
                .ioBuffer(length + 2)
                .writeByte(0x8a)
                .writeByte(length)
                .writeBytes(payload, payload.readerIndex(), length);
    }
}
