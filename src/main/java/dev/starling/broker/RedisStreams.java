package dev.starling.broker;

import static dev.starling.broker.RedisScript.bytes;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.StreamPosition;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Publishing and the history in Redis: each channel with history is a stream of its messages and a hash with its epoch and newest
 * offset, changed and published by one script, so that the order of the offsets is the order on the wire. All fail with
 * {@link ErrorCode#BROKER_UNAVAILABLE}; any thread may call. In a Cluster all goes to the node that owns the channel's slot.
 */
final class RedisStreams {

    private static final byte[] PUBLISH = bytes("PUBLISH");
    private static final byte[] SPUBLISH = bytes("SPUBLISH");
    private static final byte[] NO_EPOCH = {};

    private final RedisScript<byte[]> publishKept = new RedisScript<>("publish-kept.lua", ScriptOutputType.VALUE);
    private final RedisScript<Long> publishOnce = new RedisScript<>("publish-once.lua", ScriptOutputType.INTEGER);
    private final RedisScript<List<Object>> read = new RedisScript<>("read-history.lua", ScriptOutputType.MULTI);
    private final RedisScript<byte[]> restart = new RedisScript<>("restart-history.lua", ScriptOutputType.VALUE);

    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final RedisKeys keys;
    private final RedisProperties properties;
    private final BooleanSupplier sharded;
    private final Epochs epochs = new Epochs();

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
        if (limits != null) {
            return Mono.defer(() -> keep(channel, data, limits, key));
        }
        return key == null
                ? send(channel, data).then(Mono.empty())
                : Mono.defer(() -> sendOnce(channel, data, key)).then(Mono.empty());
    }

    private Mono<StreamPosition> keep(ChannelName channel, byte[] data, HistoryLimits limits, @Nullable String key) {
        String meta = keys.meta(channel);
        String stream = keys.stream(channel);
        return publishKept
                .run(
                        commands,
                        key == null
                                ? new String[] {meta, stream}
                                : new String[] {meta, stream, keys.idempotency(channel, key)},
                        data,
                        bytes(limits.size()),
                        bytes(limits.timeToLive().toMillis()),
                        metaMillis(limits),
                        bytes(epochs.next()),
                        bytes(keys.pubsub(channel)),
                        verb(),
                        bytes(properties.idempotencyTtl().toMillis()))
                .map(RedisStreams::position);
    }

    private Mono<Long> sendOnce(ChannelName channel, byte[] data, String key) {
        return publishOnce.run(
                commands,
                new String[] {keys.idempotency(channel, key)},
                PublicationCodec.encode(data, null),
                bytes(keys.pubsub(channel)),
                verb(),
                bytes(properties.idempotencyTtl().toMillis()));
    }

    private Mono<Long> send(ChannelName channel, byte[] data) {
        return send(channel, PublicationCodec.encode(data, null), keys.pubsub(channel));
    }

    /** Publishes who came or went. */
    Mono<Void> announce(PresenceChange change) {
        ChannelName channel = change.channel();
        return send(channel, PublicationCodec.encode(change), keys.pubsub(channel))
                .then();
    }

    private byte[] verb() {
        return sharded.getAsBoolean() ? SPUBLISH : PUBLISH;
    }

    private byte[] metaMillis(HistoryLimits limits) {
        return bytes(Math.max(
                properties.positionTtl().toMillis(), limits.timeToLive().toMillis()));
    }
}
