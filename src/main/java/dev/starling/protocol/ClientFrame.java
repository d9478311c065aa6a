package dev.starling.protocol;

import org.jspecify.annotations.Nullable;

/** What a client may say. */
public sealed interface ClientFrame {

    /** What the client calls this request, if anything; the reply carries it. */
    @Nullable
    RequestId id();

    /** The channel that the request is about, if it is about one. */
    default @Nullable ChannelName channel() {
        return null;
    }

    /** Deliver the messages of a channel from now on, or from after {@code recover}; {@code token} may add the right to. */
    record Subscribe(
            @Nullable RequestId id,
            ChannelName channel,
            @Nullable StreamPosition recover,
            @Nullable String token) implements ClientFrame {}

    /** Deliver no more messages of a channel. */
    record Unsubscribe(@Nullable RequestId id, ChannelName channel) implements ClientFrame {}

    /** Deliver {@code data}, one JSON value as the client wrote it, to all subscribers; {@code key} makes it idempotent. */
    record Publish(
            @Nullable RequestId id,
            ChannelName channel,
            byte[] data,
            @Nullable String key) implements ClientFrame {}

    /** Tell up to {@code limit} messages of the past, from after {@code since}; limit 0 means the default. */
    record History(
            @Nullable RequestId id,
            ChannelName channel,
            int limit,
            @Nullable StreamPosition since) implements ClientFrame {}

    /** Tell who is in the channel. */
    record Presence(@Nullable RequestId id, ChannelName channel) implements ClientFrame {}

    /** Go on with a new token. */
    record Refresh(@Nullable RequestId id, String token) implements ClientFrame {}

    /** Say something back. */
    record Ping(@Nullable RequestId id) implements ClientFrame {}
}
