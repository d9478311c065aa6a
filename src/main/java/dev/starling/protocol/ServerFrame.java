package dev.starling.protocol;

import org.jspecify.annotations.Nullable;

/** What the server may say besides messages, which are an {@link EncodedMessage}. Times are in milliseconds. */
public sealed interface ServerFrame {

    /**
     * The first frame of a connection.
     *
     * @param heartbeatMillis how often the server pings a silent client
     * @param expiresInMillis until the token expires; null for a token that does not
     * @param refreshInMillis when to send a {@code refresh}, with jitter; null for a token that does not expire
     */
    record Welcome(
            String connection,
            String node,
            long heartbeatMillis,
            int maxMessageBytes,
            @Nullable Long expiresInMillis,
            @Nullable Long refreshInMillis)
            implements ServerFrame {}

    /** The subscription stands; {@code position} only on channels with history, {@code recovered} only if asked for. */
    record Subscribed(
            @Nullable RequestId id,
            ChannelName channel,
            @Nullable StreamPosition position,
            @Nullable Boolean recovered) implements ServerFrame {}

    /** The subscription is gone. */
    record Unsubscribed(@Nullable RequestId id, ChannelName channel) implements ServerFrame {}

    /** The broker took the message; {@code position} only on channels with history. */
    record Published(
            RequestId id, ChannelName channel, @Nullable StreamPosition position) implements ServerFrame {}

    /** The new token holds. */
    record Refreshed(
            @Nullable RequestId id,
            @Nullable Long expiresInMillis,
            @Nullable Long refreshInMillis) implements ServerFrame {}

    /** Answer to a ping. {@code timestampMillis} is the server's clock, since 1970. */
    record Pong(@Nullable RequestId id, long timestampMillis) implements ServerFrame {}

    /** This connection will be closed: open the next one after {@code reconnectAfterMillis}. */
    record GoAway(String reason, long reconnectAfterMillis, long closeByMillis) implements ServerFrame {}

    /** One request failed. {@code channel} is what the client named, if that can be shown. */
    record Failure(
            ErrorCode code,
            String message,
            @Nullable Long retryAfterMillis,
            @Nullable RequestId id,
            @Nullable ChannelName channel)
            implements ServerFrame {}
}
