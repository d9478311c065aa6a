package dev.starling.broker;

import java.util.Locale;

/** What became of a question to one node. */
public sealed interface PeerReply {

    /** The node. */
    Peer peer();

    /**
     * It answered.
     *
     * @param bytes the answer; nobody changes them any more
     */
    record Answer(Peer peer, byte[] bytes) implements PeerReply {}

    /** It did not. */
    record Missing(Peer peer, Reason reason) implements PeerReply {}

    /** Why an answer is missing. */
    enum Reason {
        /** There was none within the deadline, or the node is known not to hear questions. */
        SILENT,
        /** The node could not answer: its handler failed, or it has too many questions already. */
        FAILED,
        /** The answer is larger than an answer may be. */
        TOO_LARGE;

        private final String text = name().toLowerCase(Locale.ROOT);

        /** As in results and metrics. */
        public String text() {
            return text;
        }
    }
}
