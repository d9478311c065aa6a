package dev.starling.broker;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Member;
import reactor.core.publisher.Mono;

/**
 * Who is in which channel, over all nodes. What a node has entered stays while the node lives, and is gone within the time
 * to live after it died. No method blocks, and all may be called by any thread.
 */
public interface PresenceStore {

    /**
     * Put a connection of this node into a channel. Completes when all nodes can see it, or fails with
     * {@link ErrorCode#BROKER_UNAVAILABLE}: then they will, as soon as the store is back.
     */
    Mono<Void> enter(ChannelName channel, Member member);

    /** Take a connection of this node out of a channel. Fails with {@link ErrorCode#BROKER_UNAVAILABLE}: then it expires. */
    Mono<Void> leave(ChannelName channel, Member member);

    /**
     * Who is there. Fails with {@link ErrorCode#BROKER_UNAVAILABLE}.
     *
     * @param limit the most members to name, from 0; the count has all
     */
    Mono<PresencePage> members(ChannelName channel, int limit);
}
