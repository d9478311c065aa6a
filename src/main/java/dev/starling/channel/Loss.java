package dev.starling.channel;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import org.jspecify.annotations.Nullable;

/**
 * Frames of a channel with history, one after the other, that an event loop did not get.
 *
 * @param from offset of the first message, or 0 if the epoch is another than before: then nothing can be said of it
 * @param after where the channel is after them
 * @param sequence of the last one
 */
record Loss(long from, StreamPosition after, long sequence) {

    /** The loss of one more frame; null if it cost no message, nor anything before it did. */
    static @Nullable Loss of(@Nullable Loss before, Emission lost) {
        StreamPosition after = lost.position();
        ServerFrame event = lost.message().event();
        if (after == null || (before == null && event != null && !tellsPosition(event))) {
            return before;
        }
        return new Loss(from(before, lost, event), after, lost.sequence());
    }

    private static boolean tellsPosition(ServerFrame event) {
        return event instanceof ServerFrame.Gap || event instanceof ServerFrame.Subscribed;
    }

    private static long from(@Nullable Loss before, Emission lost, @Nullable ServerFrame event) {
        if (event instanceof ServerFrame.Subscribed) {
            return 0;
        } else if (before != null) {
            return before.from;
        }
        return event instanceof ServerFrame.Gap gap
                ? gap.from()
                : lost.message().offset();
    }

    /** What the subscribers are told instead. */
    ServerFrame frame(ChannelName channel) {
        return from == 0
                ? new ServerFrame.Subscribed(null, channel, after, false)
                : new ServerFrame.Gap(channel, from, after.offset());
    }
}
