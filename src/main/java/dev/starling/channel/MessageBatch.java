package dev.starling.channel;

import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.StreamPosition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one channel that were waiting for one event loop: what each receiver there gets in one go. Nearly all are
 * messages; events are few. Only that loop uses it, and only during one delivery.
 */
public final class MessageBatch {

    /** The most frames that one delivery takes. */
    static final int CAPACITY = 16;

    /** Small messages are cheaper to copy once than to write one by one for each receiver. */
    private static final int JOIN_BYTES = 16 * 1024;

    private static final int JOIN_RECEIVERS = 4;

    private final Emission[] emissions = new Emission[CAPACITY];
    private int count;
    private int bytes;
    private int events;
    private int eventBytes;
    private @Nullable ByteBuf joined;
    private @Nullable ByteBuf converted;

    MessageBatch() {}

    /** How many frames there are, at least one. */
    public int count() {
        return count;
    }

    /** The bytes of all frames. */
    public int bytes() {
        return bytes;
    }

    /** How many of the frames are no messages, see {@link EncodedMessage#event}. */
    public int events() {
        return events;
    }

    /** The bytes of those. */
    int eventBytes() {
        return eventBytes;
    }

    /** The frame at {@code index}, in the order of the channel. Retain what you keep. */
    public EncodedMessage message(int index) {
        return emissions[index].message();
    }

    /** Where a receiver is once it has the frame at {@code index}; null on a channel without history. */
    public @Nullable StreamPosition position(int index) {
        return emissions[index].position();
    }

    Emission emission(int index) {
        return emissions[index];
    }

    /** All frames in one buffer, if there is such: write a retained duplicate of it. */
    public @Nullable ByteBuf joined() {
        return joined;
    }

    /**
     * All frames in another form in one buffer, made by the first receiver of this loop that asks, and shared with all others that do:
     * write a retained duplicate of it.
     *
     * @param form makes the buffer; there is one such form
     */
    public ByteBuf convertedBy(Function<MessageBatch, ByteBuf> form) {
        ByteBuf known = converted;
        if (known == null) {
            known = form.apply(this);
            converted = known;
        }
        return known;
    }

    boolean isFull() {
        return count == CAPACITY;
    }

    /** Takes over the caller's reference. */
    void add(Emission emission) {
        EncodedMessage message = emission.message();
        emissions[count++] = emission;
        bytes += message.size();
        if (message.event() != null) {
            events++;
            eventBytes += message.size();
        }
    }

    /** Puts the frames together if that saves work; not if there is no memory for it, since each can be written alone. */
    void join(int receivers, ByteBufAllocator allocator) {
        if (count == 1) {
            joined = message(0).frame().retain();
        } else if (bytes <= JOIN_BYTES && receivers >= JOIN_RECEIVERS) {
            ByteBuf all;
            try {
                all = allocator.directBuffer(bytes, bytes);
            } catch (OutOfMemoryError none) {
                return;
            }
            for (int i = 0; i < count; i++) {
                ByteBuf frame = message(i).frame();
                all.writeBytes(frame, frame.readerIndex(), frame.readableBytes());
            }
            joined = all;
        }
    }

    /** Hands a receiver those frames whose bits are set. */
    void handTo(Receiver receiver, int selection) {
        if (selection == (1 << count) - 1) {
            receiver.receive(this);
        } else {
            handTo(receiver, selection, -1, null);
        }
    }

    /** The same with another frame in place of that at {@code index}; takes over its reference. */
    void handTo(Receiver receiver, int selection, int index, @Nullable Emission instead) {
        MessageBatch selected = new MessageBatch();
        try {
            for (int i = 0; i < count; i++) {
                if (i == index && instead != null) {
                    selected.add(instead);
                } else if ((selection & 1 << i) != 0) {
                    message(i).retain();
                    selected.add(emissions[i]);
                }
            }
            selected.join(1, PooledByteBufAllocator.DEFAULT);
            receiver.receive(selected);
        } finally {
            selected.clear();
        }
    }

    @SuppressWarnings("NullAway") // slots past the count are empty
    void clear() {
        if (joined != null) {
            joined.release();
            joined = null;
        }
        if (converted != null) {
            converted.release();
            converted = null;
        }
        for (int i = 0; i < count; i++) {
            message(i).release();
            emissions[i] = null;
        }
        count = 0;
        bytes = 0;
        events = 0;
        eventBytes = 0;
    }
}
