package dev.starling.redis;

import dev.starling.broker.PeerReply;
import org.jspecify.annotations.Nullable;

/** What one node says to another, see {@link PeerCodec}. */
sealed interface PeerEnvelope {

    /**
     * Of the node that asks.
     *
     * @param number is repeated by the answer
     * @param asker whose inbox the answer goes to
     * @param mostBytes that the answer may have
     * @param millis for which the answer is waited for
     */
    record Question(long number, String asker, int mostBytes, int millis, byte[] body) implements PeerEnvelope {}

    /**
     * Of the node that was asked.
     *
     * @param missing why there is no answer; null if the body is one
     */
    record Answer(long number, PeerReply.@Nullable Reason missing, byte[] body) implements PeerEnvelope {}
}
