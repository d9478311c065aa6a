package dev.starling.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

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

    private final ChannelNameRule names;
    private final int maxDepth;
    private final EnvelopeParser parser;
    private final BatchParser batches;
    private final FastThreadLocal<EnvelopeScanner> scanners;

    public FrameCodec(FrameLimits limits) {
        names = new ChannelNameRule(limits);
        maxDepth = Math.min(limits.maxNesting(), JsonScan.MAX_DEPTH) - 1;
        batches = new BatchParser(names, limits.maxNesting());
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

    /**
     * The one JSON value that a text is, as the bytes that were written; white space around it is not part of it.
     *
     * @throws MalformedFrameException if it is not one value, not UTF-8, or nested too deeply for a frame
     */
    public byte[] value(byte[] text) throws MalformedFrameException {
        int start = JsonScan.space(text, 0, text.length);
        int end = JsonScan.value(text, start, text.length, maxDepth);
        if (end < 0 || JsonScan.space(text, end, text.length) != text.length) {
            throw new MalformedFrameException(
                    ErrorCode.MALFORMED,
                    "this is not one JSON value in UTF-8 with at most " + maxDepth
                            + " objects and arrays open at once");
        }
        return start == 0 && end == text.length ? text : Arrays.copyOfRange(text, start, end);
    }

    /** Reads an object that is a {@code publish} frame, but for its type, which it need not have. */
    public BatchEntry batchEntry(byte[] text) {
        return batches.entry(text);
    }

    /**
     * Reads a batch: {@code {"messages":[…]}} with such objects, or {@code {"channels":[…],"data":…,"key":…}} for one message in many
     * channels. An entry that breaks the rules is one of the batch all the same.
     *
     * @param most entries that there may be
     * @throws MalformedFrameException if there are no entries to be found, or more
     */
    public List<BatchEntry> batch(byte[] text, int most) throws MalformedFrameException {
        return batches.read(text, most);
    }

    /**
     * The channel of this name.
     *
     * @throws MalformedFrameException with {@link ErrorCode#INVALID_CHANNEL}, if this server does not allow it
     */
    public ChannelName channel(String name) throws MalformedFrameException {
        return names.channel(name);
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
