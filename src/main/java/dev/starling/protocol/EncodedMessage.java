package dev.starling.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCounted;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A {@code message} frame, or another event of a channel that all its subscribers are told, encoded once for all of them:
 * the WebSocket header and the JSON text in one direct buffer. Counts references as Netty does; whoever made it owns the
 * first one. Any thread may send it, as long as each takes a {@link ByteBuf#retainedDuplicate} and leaves the buffer itself
 * alone.
 */
public final class EncodedMessage implements ReferenceCounted {

    private static final byte[] CHANNEL = ascii("{\"type\":\"message\",\"channel\":\"");
    private static final byte[] DATA = ascii("\",\"data\":");
    private static final byte[] OFFSET = ascii(",\"offset\":");

    private final ByteBuf frame;
    private final int payloadIndex;
    private final long offset;
    private final @Nullable ServerFrame event;

    private EncodedMessage(ByteBuf frame, int payloadIndex, long offset, @Nullable ServerFrame event) {
        this.frame = frame;
        this.payloadIndex = payloadIndex;
        this.offset = offset;
        this.event = event;
    }

    /**
     * Encodes a message.
     *
     * @param data one valid JSON value in UTF-8; it is copied
     * @param offset the place in the channel's history from 1, or 0 on a channel without
     * @throws IllegalArgumentException for a negative offset
     */
    public static EncodedMessage of(ChannelName channel, byte[] data, long offset, ByteBufAllocator allocator) {
        if (offset < 0) {
            throw new IllegalArgumentException("an offset is not negative: " + offset);
        }
        byte[] digits = offset == 0 ? new byte[0] : ascii(Long.toString(offset));
        int length = CHANNEL.length + channel.value().length() + DATA.length + data.length + 1;
        length += offset == 0 ? 0 : OFFSET.length + digits.length;
        int payloadIndex = TextFrameHeader.size(length);
        ByteBuf frame = allocator.directBuffer(payloadIndex + length, payloadIndex + length);
        TextFrameHeader.write(frame, length);
        frame.writeBytes(CHANNEL)
                .writeBytes(ascii(channel.value()))
                .writeBytes(DATA)
                .writeBytes(data);
        if (offset != 0) {
            frame.writeBytes(OFFSET).writeBytes(digits);
        }
        frame.writeByte('}');
        return new EncodedMessage(frame, payloadIndex, offset, null);
    }

    /** Encodes what is no message: a {@code gap}, {@code join}, {@code leave}, or a {@code subscribed} that nobody asked for. */
    public static EncodedMessage of(ServerFrame event, ByteBufAllocator allocator) {
        FrameWriter json = new FrameWriter(event.type());
        event.writeFields(json);
        ByteBuf frame = json.finish(allocator);
        return new EncodedMessage(frame, TextFrameHeader.sizeOf(frame), 0, event);
    }

    /** The place of the message in the channel's history, from 1; 0 on a channel without, and if it is no message. */
    public long offset() {
        return offset;
    }

    /** What it is if it is no message. */
    public @Nullable ServerFrame event() {
        return event;
    }

    /** Header and text, the bytes on the wire; not retained. */
    public ByteBuf frame() {
        return frame;
    }

    /** Where in {@link #frame} the text starts. */
    public int payloadIndex() {
        return payloadIndex;
    }

    /** The text alone, for a session whose frames still get compressed; not retained. */
    public ByteBuf payload() {
        return frame.slice(payloadIndex, frame.writerIndex() - payloadIndex);
    }

    /** How many bytes one delivery puts on the wire. */
    public int size() {
        return frame.writerIndex();
    }

    @Override
    public int refCnt() {
        return frame.refCnt();
    }

    @Override
    public EncodedMessage retain() {
        frame.retain();
        return this;
    }

    @Override
    public EncodedMessage retain(int increment) {
        frame.retain(increment);
        return this;
    }

    @Override
    public EncodedMessage touch() {
        frame.touch();
        return this;
    }

    @Override
    public EncodedMessage touch(Object hint) {
        frame.touch(hint);
        return this;
    }

    @Override
    public boolean release() {
        return frame.release();
    }

    @Override
    public boolean release(int decrement) {
        return frame.release(decrement);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
