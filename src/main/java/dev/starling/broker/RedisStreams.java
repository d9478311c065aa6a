package dev.starling.broker;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.StreamPosition;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Publishing and the history in Redis: each channel with history is a stream of its messages and a hash with its epoch and newest
 * offset, changed and published by one script, so that the order of the offsets is the order on the wire. All fail with
 * {@link ErrorCode#BROKER_UNAVAILABLE}; any thread may call.
 */
final class RedisStreams {

    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final RedisKeys keys;
    private final RedisProperties properties;
    private final BooleanSupplier sharded;

    /** @param sharded whether to publish by SPUBLISH; asked each time */
    RedisStreams(
            RedisClusterAsyncCommands<String, byte[]> commands,
            RedisKeys keys,
            RedisProperties properties,
            BooleanSupplier sharded) {
        this.commands = commands;
        this.keys = keys;
        this.properties = properties;
        this.sharded = sharded;
    }

    /**
     * Publishes a message; completes with its position if there are limits, else empty.
     *
     * @param limits what the channel keeps; null for nothing
     * @param key see {@link Broker#publish}
     */
    Mono<StreamPosition> publish(
            ChannelName channel, byte[] data, @Nullable HistoryLimits limits, @Nullable String key) {
        byte[] envelope = PublicationCodec.encode(data, null);
        String pubsub = keys.pubsub(channel);
        return Mono.fromCompletionStage(() -> sharded.getAsBoolean()
                        ? commands.spublish(pubsub, envelope)
                        : commands.publish(pubsub, envelope))
                .then(Mono.error(() -> new UnsupportedOperationException(limits + " " + key + properties)));
    }

    /** Reads as {@link Broker#history} does, and gives the channel an epoch if it has none. */
    Mono<HistoryPage> read(ChannelName channel, HistoryLimits limits, @Nullable StreamPosition since, int limit) {
        return Mono.error(() -> new UnsupportedOperationException(channel + " " + limits + since + limit));
    }

    /**
     * Begins a new epoch without messages if the epoch is still the one that was seen; completes with the position then, which
     * may be that of a newer epoch which somebody else began.
     */
    Mono<StreamPosition> restart(ChannelName channel, HistoryLimits limits, StreamPosition seen) {
        return Mono.error(() -> new UnsupportedOperationException(channel + " " + limits + seen));
    }

    /** Publishes who came or went. */
    Mono<Void> announce(PresenceChange change) {
        return Mono.error(() -> new UnsupportedOperationException(change.toString()));
    }
}
