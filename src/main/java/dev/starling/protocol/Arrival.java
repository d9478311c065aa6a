package dev.starling.protocol;

/** What a node hears of a channel from the broker. */
public sealed interface Arrival permits Publication, Hole, Restart, PresenceChange {

    /** Where it belongs. */
    ChannelName channel();
}
