package dev.starling.broker;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/**
 * Who is in which channel, over all nodes. What a node has entered stays while the node lives, and is gone within the time
 * to live after it died. No method blocks, and all may be called by any thread; what one thread does in a channel is done in
 * that order.
 */
public interface PresenceStore {

    /**
     * Put a connection of this node into a channel; once more is as once. Completes when all nodes can see it, or fails with
     * {@link ErrorCode#BROKER_UNAVAILABLE}: then they will, as soon as the store is back.
     */
    Mono<Void> enter(ChannelName channel, Member member);

    /**
     * Take a connection of this node out of a channel, if it is there. Completes when no node sees it any more, or fails with
     * {@link ErrorCode#BROKER_UNAVAILABLE}: then it expires.
     */
    Mono<Void> leave(ChannelName channel, String connection);

    /**
     * Who is there. Fails with {@link ErrorCode#BROKER_UNAVAILABLE}.
     *
     * @param limit the most members to name, from 0; the count has all
     */
    Mono<PresencePage> members(ChannelName channel, int limit);

    /**
     * Have {@code listener} told of each change in the store: each is told on one node only, those of the members of a node
     * that died on any one that has members in the channel. For one connection they come in order. Called by any thread, and
     * must not block.
     */
    void listen(Consumer<PresenceChange> listener);
}
