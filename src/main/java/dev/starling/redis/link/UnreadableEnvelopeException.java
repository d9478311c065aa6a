package dev.starling.redis.link;

/** What came through a channel of Redis is no envelope that this node can read. Without a stack trace: it is no fault of ours. */
public final class UnreadableEnvelopeException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean newer;

    public UnreadableEnvelopeException(boolean newer, String message) {
        super(message, null, false, false);
        this.newer = newer;
    }

    /** For one that begins with another version than a node knows, or with none. */
    public static UnreadableEnvelopeException ofVersion(byte[] envelope, byte known) {
        return envelope.length > 1 && envelope[0] > known && envelope[0] <= '9'
                ? new UnreadableEnvelopeException(true, "an envelope of version " + (char) envelope[0])
                : new UnreadableEnvelopeException(false, "an envelope without a version");
    }

    /** Whether it looks as if a newer node wrote it; else somebody else did, who should not. */
    public boolean isNewer() {
        return newer;
    }
}
