package dev.starling.broker;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.StreamPosition;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Carries publications between nodes, in one order per channel for all nodes, the sender's node included; and keeps the
 * history of the channels that have one. Without history at most once; with it, a node that subscribes gets each message
 * from then on exactly once, or is told by a {@link dev.starling.protocol.Hole} or a {@link dev.starling.protocol.Restart}
 * what it will never get. No method blocks, and all may be called by any thread.
 */
public interface Broker {

    /** Whether messages of this channel are kept, and have positions. */
    boolean keepsHistory(ChannelName channel);

    /**
     * Have what happens in a channel arrive at this node. Completes when nothing from then on will be missed, with the
     * position that the first arrival follows if the channel keeps a history, else empty. Once per channel until it is
     * unsubscribed; fails with {@link ErrorCode#BROKER_UNAVAILABLE}, and then need not be unsubscribed.
     */
    Mono<StreamPosition> subscribe(ChannelName channel);

    /** Have it arrive no longer. Some may still come after completion. */
    Mono<Void> unsubscribe(ChannelName channel);

    /**
     * Publish one JSON value, given as UTF-8 bytes that nobody changes any more. Completes when the broker has it, with
     * its position if the channel keeps a history, else empty; fails with {@link ErrorCode#BROKER_UNAVAILABLE}, after which
     * the value may or may not arrive.
     *
     * @param key names this very message: what is published again in the channel with the same key within some minutes is
     *     not a second message, and completes as the first one did
     */
    Mono<StreamPosition> publish(ChannelName channel, byte[] data, @Nullable String key);

    /**
     * Read the history of a channel that keeps one: the messages after {@code since}, or the whole that is left if that is
     * null or of another life. What {@link HistoryPage#holds} not has messages after it that the caller can't know. Fails with {@link ErrorCode#BROKER_UNAVAILABLE}.
     *
     * @param limit the most publications to read, from 0
     * @param maxBytes the most bytes of data to read, but two publications in any case: so that who reads on from the last
     *     one that it knows, that one included, gets on
     */
    Mono<HistoryPage> history(ChannelName channel, @Nullable StreamPosition since, int limit, long maxBytes);

    /**
     * Read the history of a channel that keeps one backwards: the last messages before {@code before}, or the newest if that is
     * null or of another epoch. They, too, are oldest first. Fails with {@link ErrorCode#BROKER_UNAVAILABLE}.
     *
     * @param limit the most publications to read, from 0
     * @param maxBytes the most bytes of data to read, but two publications in any case
     */
    Mono<HistoryPage> historyBefore(ChannelName channel, @Nullable StreamPosition before, int limit, long maxBytes);

    /** Tell all nodes who came or went, at most once. Fails with {@link ErrorCode#BROKER_UNAVAILABLE}. */
    Mono<Void> announce(PresenceChange change);

    /**
     * What arrives at this node, in lanes: all of a channel comes in the same one. Each gives one signal at a time, never
     * fails and never ends while the node runs; different lanes may do so at the same time. Each is for one subscriber,
     * which must not block: what it cannot keep up with is dropped and counted where there is no history, and made up
     * for where there is.
     */
    List<Flux<Arrival>> lanes();
}
