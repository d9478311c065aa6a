package dev.starling.channel;

import dev.starling.protocol.EncodedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one channel that were waiting for one event loop: what each receiver there gets in one go. Only that
 * loop uses it, and only during one delivery.
 */
public final class MessageBatch {

    /** The most messages that one delivery takes. */
    static final int CAPACITY = 16;

    /** Small messages are cheaper to copy once than to write one by one for each receiver. */
    private static final int JOIN_BYTES = 16 * 1024;

    private static final int JOIN_RECEIVERS = 4;

    private final EncodedMessage[] messages = new EncodedMessage[CAPACITY];
    private int count;
    private int bytes;
    private @Nullable ByteBuf joined;

    MessageBatch() {}

    /** How many messages there are, at least one. */
    public int count() {
        return count;
    }

    /** The bytes of all frames. */
    public int bytes() {
        return bytes;
    }

    /** The message at {@code index}, in the order of the channel. Retain what you keep. */
    public EncodedMessage message(int index) {
        return messages[index];
    }

    /** All frames in one buffer, if there is such: write a retained duplicate of it. */
    public @Nullable ByteBuf joined() {
        return joined;
    }

    boolean isFull() {
        return count == CAPACITY;
    }

    /** Takes over the caller's reference. */
    void add(EncodedMessage message) {
        messages[count++] = message;
        bytes += message.size();
    }

    void join(int receivers) {
        if (count == 1) {
            joined = messages[0].frame().retain();
        } else if (bytes <= JOIN_BYTES && receivers >= JOIN_RECEIVERS) {
            ByteBuf all = PooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
            for (int i = 0; i < count; i++) {
                ByteBuf frame = messages[i].frame();
                all.writeBytes(frame, frame.readerIndex(), frame.readableBytes());
            }
            joined = all;
        }
    }

    @SuppressWarnings("NullAway") // slots past the count are empty
    void clear() {
        if (joined != null) {
            joined.release();
            joined = null;
        }
        for (int i = 0; i < count; i++) {
            messages[i].release();
            messages[i] = null;
        }
        count = 0;
        bytes = 0;
    }
}
