package dev.starling.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;

/**
 * Turns text messages of clients into frames, and frames of the server into bytes. Thread-safe: one serves a node.
 *
 * <p>A client's message is one JSON object, strictly by RFC 8259: fields in any order, any white space and escapes, unknown
 * fields ignored. No field may be there twice, neither in the frame nor in {@code recover} and {@code since}; inside of
 * {@code data} and of ignored fields it may, as nobody here looks into them. Null is a wrong type for all fields but {@code data}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8259">RFC 8259</a>
 */
public final class FrameCodec {

    private static final byte[] PONG = "{\"type\":\"pong\",\"ts\":".getBytes(StandardCharsets.US_ASCII);

    private final EnvelopeParser parser;
    private final FastThreadLocal<EnvelopeScanner> scanners;

    public FrameCodec(FrameLimits limits) {
        ChannelNameRule names = new ChannelNameRule(limits);
        parser = new EnvelopeParser(names, limits.maxNesting());
        scanners = new FastThreadLocal<>() {
            @Override
            protected EnvelopeScanner initialValue() {
                return new EnvelopeScanner(names, limits.maxNesting());
            }
        };
    }

    /**
     * Reads one whole text message. The frame keeps nothing of the buffer, which may be used again at once.
     *
     * @param buffer has the message, in UTF-8, at {@code length} bytes from {@code offset}
     * @throws MalformedFrameException if it is no frame; the connection lives
     * @throws InvalidTextException if it is no UTF-8; the connection ends
     */
    public ClientFrame decode(byte[] buffer, int offset, int length)
            throws MalformedFrameException, InvalidTextException {
        ClientFrame frame = scanners.get().scan(buffer, offset, length);
        return frame != null ? frame : parser.parse(buffer, offset, length);
    }

    /** Writes one frame with its WebSocket header, unmasked, as the bytes to send. The caller owns the buffer. */
    public ByteBuf encode(ServerFrame frame, ByteBufAllocator allocator) {
        if (frame instanceof ServerFrame.Pong pong && pong.id() == null) {
            return plainPong(pong.timestampMillis(), allocator);
        }
        FrameWriter json = new FrameWriter(frame.type());
        frame.writeFields(json);
        return json.finish(allocator);
    }

    /** The answer to each ping of each client, hence without a writer. */
    private static ByteBuf plainPong(long timestampMillis, ByteBufAllocator allocator) {
        byte[] timestamp = Long.toString(timestampMillis).getBytes(StandardCharsets.US_ASCII);
        int length = PONG.length + timestamp.length + 1;
        ByteBuf frame = allocator.directBuffer(TextFrameHeader.size(length) + length);
        TextFrameHeader.write(frame, length);
        return frame.writeBytes(PONG).writeBytes(timestamp).writeByte('}');
    }
}
