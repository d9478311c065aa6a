package dev.starling.redis.stream;

import static dev.starling.redis.link.RedisScript.bytes;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.starling.broker.Broker;
import dev.starling.broker.Epochs;
import dev.starling.broker.HistoryPage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.Publication;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.link.RedisFault;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisProperties;
import dev.starling.redis.link.RedisScript;
import dev.starling.redis.link.UnreadableEnvelopeException;
import dev.starling.setting.HistoryLimits;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Publishing and the history in Redis: each channel with history is a stream of its messages and a hash with its epoch and newest
 * offset, changed and published by one script, so that the order of the offsets is the order on the wire. The scripts look themselves
 * which master runs them, and begin a generation of the epoch where it is another one than before. All fail with
 * {@link ErrorCode#BROKER_UNAVAILABLE}; any thread may call. In a Cluster all goes to the node that owns the channel's slot.
 */
final class RedisStreams {

    private static final byte[] PUBLISH = bytes("PUBLISH");
    private static final byte[] SPUBLISH = bytes("SPUBLISH");
    private static final byte[] NO_EPOCH = {};
    private static final byte[] FORWARD = bytes(0);
    private static final byte[] BACKWARD = bytes(1);
    private static final byte[] FOLLOWING = bytes(2);
    private static final String GENERATIONS = "generations.lua";

    private final RedisScript<byte[]> publishKept =
            new RedisScript<>("publish-kept.lua", ScriptOutputType.VALUE, GENERATIONS);
    private final RedisScript<Long> publishOnce = new RedisScript<>("publish-once.lua", ScriptOutputType.INTEGER);
    private final RedisScript<List<Object>> read =
            new RedisScript<>("read-history.lua", ScriptOutputType.MULTI, GENERATIONS);
    private final RedisScript<byte[]> restart =
            new RedisScript<>("restart-history.lua", ScriptOutputType.VALUE, GENERATIONS);

    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final RedisKeys keys;
    private final RedisProperties properties;
    private final LaneMetrics metrics;
    private final BooleanSupplier sharded;
    private final Audience audience;
    private final Epochs epochs = new Epochs();

    /** What is known about those who hear a channel. Any thread may ask. */
    interface Audience {

        /** Whether Redis counts all of them when it publishes. */
        boolean isCounted();

        /** Whether there should be somebody. */
        boolean isExpected(String pubsub);
    }

    /**
     * @param sharded whether to publish by SPUBLISH; asked each time
     * @param audience judges what reached nobody
     */
    RedisStreams(
            RedisClusterAsyncCommands<String, byte[]> commands,
            RedisKeys keys,
            RedisProperties properties,
            LaneMetrics metrics,
            BooleanSupplier sharded,
            Audience audience) {
        this.commands = commands;
        this.keys = keys;
        this.properties = properties;
        this.metrics = metrics;
        this.sharded = sharded;
        this.audience = audience;
    }

    /**
     * Publishes a message; completes with its position if there are limits, else empty. One without a position that reached
     * nobody though somebody should hear it fails, and its key is good for another attempt.
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
                ? send(channel, () -> PublicationCodec.encode(data, null))
                : Mono.defer(() -> sendOnce(channel, data, key));
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

    private Mono<StreamPosition> sendOnce(ChannelName channel, byte[] data, String key) {
        String pubsub = keys.pubsub(channel);
        return publishOnce
                .run(
                        commands,
                        new String[] {keys.idempotency(channel, key)},
                        PublicationCodec.encode(data, null),
                        bytes(pubsub),
                        verb(),
                        bytes(properties.idempotencyTtl().toMillis()),
                        bytes(audience.isCounted() ? 1 : 0))
                .handle((receivers, asked) -> {
                    if (isMissed(pubsub, receivers)) {
                        asked.error(nobody());
                    }
                });
    }

    private boolean isMissed(String pubsub, long receivers) {
        return receivers == 0 && audience.isCounted() && audience.isExpected(pubsub);
    }

    private static RefusedException nobody() {
        return new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "the message has reached nobody");
    }

    /** Publishes who came or went. */
    Mono<Void> announce(PresenceChange change) {
        return send(change.channel(), () -> PublicationCodec.encode(change));
    }

    /** By the plain command, which is several times cheaper than a script, and with as little around it as can be. */
    private <T> Mono<T> send(ChannelName channel, Supplier<byte[]> envelope) {
        return Mono.<T>create(asked -> {
                    String pubsub = keys.pubsub(channel);
                    (sharded.getAsBoolean()
                                    ? commands.spublish(pubsub, envelope.get())
                                    : commands.publish(pubsub, envelope.get()))
                            .whenComplete((receivers, failure) -> {
                                if (failure != null) {
                                    asked.error(failure);
                                } else if (isMissed(pubsub, receivers)) {
                                    asked.error(nobody());
                                } else {
                                    asked.success();
                                }
                            });
                })
                .onErrorMap(RedisFault::refusal); // Lettuce may throw as well
    }

    /** Reads as {@link Broker#history} does, and gives the channel an epoch if it has none. */
    Mono<HistoryPage> read(
            ChannelName channel, HistoryLimits limits, @Nullable StreamPosition since, int limit, long maxBytes) {
        return read(channel, limits, since, limit, maxBytes, FORWARD);
    }

    /** The same for {@link Broker#historyBefore}. */
    Mono<HistoryPage> readBack(
            ChannelName channel, HistoryLimits limits, @Nullable StreamPosition before, int limit, long maxBytes) {
        return read(channel, limits, before, limit, maxBytes, BACKWARD).map(RedisStreams::reversed);
    }

    /**
     * The same for a node that has handed {@code last} on: from that message on, or after what it has in common with the history if
     * Redis has lost that message.
     */
    Mono<HistoryPage> follow(ChannelName channel, HistoryLimits limits, StreamPosition last, int limit, long maxBytes) {
        return read(channel, limits, last, limit, maxBytes, FOLLOWING);
    }

    private static HistoryPage reversed(HistoryPage page) {
        List<Publication> oldestFirst = new ArrayList<>(page.publications());
        Collections.reverse(oldestFirst);
        return new HistoryPage(page.top(), oldestFirst, page.kept(), page.read());
    }

    private Mono<HistoryPage> read(
            ChannelName channel,
            HistoryLimits limits,
            @Nullable StreamPosition position,
            int limit,
            long maxBytes,
            byte[] direction) {
        return Mono.defer(() -> read.run(
                        commands,
                        new String[] {keys.meta(channel), keys.stream(channel)},
                        bytes(epochs.next()),
                        metaMillis(limits),
                        position == null ? NO_EPOCH : bytes(position.epoch()),
                        bytes(position == null ? 0 : position.offset()),
                        bytes(limit),
                        bytes(limits.size()),
                        bytes(maxBytes),
                        direction))
                .map(answer -> page(channel, answer));
    }

    private HistoryPage page(ChannelName channel, List<Object> answer) {
        String epoch = text(answer.get(0));
        StreamPosition top = new StreamPosition(epoch, (Long) answer.get(1));
        List<?> entries = (List<?>) answer.get(2);
        List<Publication> publications = new ArrayList<>(entries.size());
        long read = top.offset();
        for (Object entry : entries) {
            List<?> idAndFields = (List<?>) entry;
            String id = text(idAndFields.get(0));
            long offset = Long.parseLong(id, 0, id.indexOf('-'), 10);
            read = offset;
            byte[] data = (byte[]) ((List<?>) idAndFields.get(1)).get(1);
            if (isReadable(channel, data)) { // else its offset is missing, of which subscribers are told
                publications.add(new Publication(channel, data, new StreamPosition(epoch, offset)));
            }
        }
        return new HistoryPage(top, publications, (Long) answer.get(3), read);
    }

    private boolean isReadable(ChannelName channel, byte[] data) {
        try {
            PublicationCodec.check(data);
            return true;
        } catch (UnreadableEnvelopeException unreadable) {
            metrics.unreadable(channel, unreadable);
            return false;
        }
    }

    /**
     * Begins a new epoch without messages, and of another life, if the epoch is still the one that was seen; completes with the
     * position then, which may be that of a newer epoch which somebody else began.
     */
    Mono<StreamPosition> restart(ChannelName channel, HistoryLimits limits, StreamPosition seen) {
        return Mono.defer(() -> restart.run(
                        commands,
                        new String[] {keys.meta(channel), keys.stream(channel)},
                        bytes(seen.epoch()),
                        bytes(epochs.next()),
                        metaMillis(limits)))
                .map(RedisStreams::position);
    }

    /** What the scripts answer: {@code offset:epoch}. */
    private static StreamPosition position(byte[] answer) {
        String text = text(answer);
        int colon = text.indexOf(':');
        return new StreamPosition(text.substring(colon + 1), Long.parseLong(text, 0, colon, 10));
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, ISO_8859_1);
    }

    private byte[] verb() {
        return sharded.getAsBoolean() ? SPUBLISH : PUBLISH;
    }

    private byte[] metaMillis(HistoryLimits limits) {
        return bytes(Math.max(
                properties.positionTtl().toMillis(), limits.timeToLive().toMillis()));
    }
}
