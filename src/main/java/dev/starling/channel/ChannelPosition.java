package dev.starling.channel;

import dev.starling.protocol.StreamPosition;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How far a channel with history has come on this node. The channel's pump moves it before it emits, and any thread may
 * look: whoever subscribes to the sink first and looks then gets all that is behind what it saw.
 */
final class ChannelPosition {

    /**
     * The last frame that was emitted, or is about to be.
     *
     * @param position where its receivers are after it
     * @param sequence grows with each frame, so that frames can be told apart that a new epoch counts anew; by two, since
     *     one frame may have to tell something first
     */
    record Head(StreamPosition position, long sequence) {

        /** Whether a message at {@code next} is there already. */
        boolean has(StreamPosition next) {
            return isSameEpoch(next) && next.offset() <= position.offset();
        }

        boolean isSameEpoch(StreamPosition other) {
            return position.epoch().equals(other.epoch());
        }

        /** Another offset of this epoch. */
        StreamPosition at(long offset) {
            return new StreamPosition(position.epoch(), offset);
        }

        /** After one more frame, which leads to {@code next}. */
        Head then(StreamPosition next) {
            return new Head(next, sequence + 2);
        }
    }

    private final AtomicReference<@Nullable Head> head = new AtomicReference<>();

    /** Where the channel is; null as long as nothing is known of its history. */
    @Nullable
    Head head() {
        return head.get();
    }

    /** Takes the broker's word for where the channel is, unless it has come further already. */
    void begin(StreamPosition start) {
        head.updateAndGet(known -> known == null || (known.isSameEpoch(start) && !known.has(start))
                ? new Head(start, known == null ? 0 : known.sequence())
                : known);
    }

    /** Moves on from where the channel was; false if it is somewhere else by now. */
    boolean move(@Nullable Head before, Head after) {
        return head.compareAndSet(before, after);
    }

    /** Counts a frame that is no part of the history; where the channel is now. */
    @Nullable
    Head count() {
        return head.updateAndGet(known -> known == null ? null : known.then(known.position()));
    }
}
