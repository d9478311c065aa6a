package dev.starling.setting;

/**
 * What happens to the messages of a channel that one of its subscribers does not read fast enough.
 *
 * @param policy what is given up
 * @param size messages that are held for one subscription at most; of no meaning for {@link Policy#DISCONNECT}
 */
public record Overflow(Policy policy, int size) {

    /** The connection is given up: the client comes back, and recovers if the channel keeps a history. */
    public static final Overflow DISCONNECT = new Overflow(Policy.DISCONNECT, 0);

    /** Only the newest message is worth sending. */
    public static final Overflow LATEST_ONLY = new Overflow(Policy.LATEST_ONLY, 1);

    /** What is given up. */
    public enum Policy {
        /** The connection. */
        DISCONNECT,
        /** The oldest of the messages that are held. */
        DROP_OLDEST,
        /** All messages but the newest. */
        LATEST_ONLY
    }

    /** Whether messages are given up before the connection is. */
    public boolean dropsMessages() {
        return policy != Policy.DISCONNECT;
    }
}
