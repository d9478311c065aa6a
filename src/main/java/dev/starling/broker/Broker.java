package dev.starling.broker;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Carries publications between nodes: at most once, in one order per channel for all nodes, the sender's node included.
 * No method blocks; all may be called by any thread.
 */
public interface Broker {

    /**
     * Have the publications of a channel arrive at this node. Completes when nothing published from then on will be
     * missed. Once per channel; fails with {@link ErrorCode#BROKER_UNAVAILABLE}.
     */
    Mono<Void> subscribe(ChannelName channel);

    /** Have the publications of a channel arrive no longer. Some may still come after completion. */
    Mono<Void> unsubscribe(ChannelName channel);

    /**
     * Publish one JSON value, given as UTF-8 bytes that nobody changes any more. Completes when the broker has it, with
     * its position if the channel keeps a history, else empty; fails with {@link ErrorCode#BROKER_UNAVAILABLE}, after which
     * the value may or may not arrive.
     */
    Mono<StreamPosition> publish(ChannelName channel, byte[] data);

    /**
     * What arrives at this node, one signal at a time, never failing and never ending while the node runs. For one
     * subscriber, which must not block and must keep up.
     */
    Flux<Publication> publications();
}
