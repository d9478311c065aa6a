package dev.starling.channel;

import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import java.util.List;

/**
 * A subscription that was to start in the past.
 *
 * @param position what its first frame follows: the position that was asked for if {@code recovered}, else where the channel
 *     is now
 * @param recovered whether nothing is missing after the position that was asked for; if not, nothing of it is here
 * @param missed what the receiver has to get first, oldest first; where their epoch is another than before, it has to be
 *     told first
 * @param live what it has to get next: frames that came meanwhile. Each has a reference that is the caller's
 */
public record Recovered(
        ChannelSubscription subscription,
        StreamPosition position,
        boolean recovered,
        List<Publication> missed,
        List<EncodedMessage> live) {}
