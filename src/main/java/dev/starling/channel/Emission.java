package dev.starling.channel;

import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.StreamPosition;
import org.jspecify.annotations.Nullable;

/**
 * One frame of a channel on its way to the event loops.
 *
 * @param position where in the channel's history a receiver is once it has the frame; null on a channel without
 * @param sequence counts the frames of a channel with history on this node, from 1; 0 on a channel without
 * @param sinceNanos when it came from the broker, by {@link System#nanoTime}
 */
record Emission(EncodedMessage message, @Nullable StreamPosition position, long sequence, long sinceNanos) {

    /** One that has no place in a history. */
    static Emission unplaced(EncodedMessage message) {
        return new Emission(message, null, 0, System.nanoTime());
    }

    /** One that leaves its receivers at {@code head}. */
    static Emission at(ChannelPosition.Head head, EncodedMessage message) {
        return new Emission(message, head.position(), head.sequence(), System.nanoTime());
    }
}
