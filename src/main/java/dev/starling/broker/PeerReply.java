package dev.starling.broker;

import java.util.Locale;

/** placeholder */
public sealed interface PeerReply {
    Peer peer();

    record Answer(Peer peer, byte[] bytes) implements PeerReply {}

    record Missing(Peer peer, Reason reason) implements PeerReply {}

    enum Reason {
        SILENT,
        FAILED,
        TOO_LARGE;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
