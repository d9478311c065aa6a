package dev.starling.broker;

import dev.starling.protocol.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The nodes that serve together, and questions to all of them. A node that was killed is one of them until its time to live
 * is over; one that stops is not from then on. Questions and answers are bytes that mean nothing here. No method blocks,
 * and all may be called by any thread.
 */
public interface Peers {

    /** The nodes, this one included, those first that are here longest. Fails with {@link ErrorCode#BROKER_UNAVAILABLE}. */
    Mono<List<Peer>> nodes();

    /**
     * Ask each node once, this one included, which answers by itself. There is one reply per node, as they come, within the
     * deadline, on any thread: whoever does much with one should do it elsewhere. Fails with
     * {@link ErrorCode#BROKER_UNAVAILABLE} before the first reply if the nodes can't be known or answers can't come, or if
     * {@value OwnQuestions#MOST} questions of this node are under way; with {@link IllegalArgumentException} if the question or
     * the deadline is out of range.
     *
     * @param question up to 64 KB, which nobody changes any more
     * @param deadline 1 ms to 1 min, from the subscription on
     */
    Flux<PeerReply> ask(byte[] question, Duration deadline);

    /**
     * Have questions answered by {@code handler}; to be called once, at start. It is called on a thread for that, several times at once, must not
     * block, and is cancelled when the deadline is over. A failure, or an empty answer, is told to who asked as
     * {@link PeerReply.Reason#FAILED} and nothing more: to log it is up to the handler.
     */
    void answer(Function<byte[], Mono<byte[]>> handler);
}
