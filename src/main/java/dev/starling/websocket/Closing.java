package dev.starling.websocket;

import dev.starling.protocol.CloseCode;
import java.util.Locale;

/**
 * How a connection ended, or is about to.
 *
 * @param code the close code; 1006 if no close frame came or could be sent
 * @param reason for people
 * @param initiator whose wish it was
 * @param pendingBytes what the kernel had not taken then
 */
record Closing(int code, String reason, Initiator initiator, long pendingBytes) {

    /** RFC 6455, section 7.4.1: never on the wire. */
    static final int ABNORMAL = 1006;

    /** RFC 6455, section 7.4.1: the same, of a client that said nothing. */
    static final int NO_STATUS = 1005;

    static final Closing LOST = new Closing(ABNORMAL, "connection lost", Initiator.NETWORK);

    static final Closing DEAD = new Closing(ABNORMAL, "heartbeat timeout", Initiator.SERVER);

    /** Of an event stream, whose client can't say more. */
    static final Closing LEFT = new Closing(NO_STATUS, "client left", Initiator.CLIENT);

    /** Of what is left when a leaving node has no more time. */
    static final Closing OVERDUE = new Closing(ABNORMAL, "drain deadline", Initiator.SERVER);

    Closing(int code, String reason, Initiator initiator) {
        this(code, reason, initiator, 0);
    }

    static Closing by(CloseCode code) {
        return new Closing(code.code(), code.reason(), Initiator.SERVER);
    }

    Closing withPending(long bytes) {
        return bytes == 0 ? this : new Closing(code, reason, initiator, bytes);
    }

    enum Initiator {
        CLIENT,
        SERVER,
        NETWORK;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
