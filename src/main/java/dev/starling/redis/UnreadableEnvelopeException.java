package dev.starling.redis;

/** What came through a channel of Redis is no envelope that this node can read. Without a stack trace: it is no fault of ours. */
final class UnreadableEnvelopeException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean newer;

    UnreadableEnvelopeException(boolean newer, String message) {
        super(message, null, false, false);
        this.newer = newer;
    }

    /** Whether it looks as if a newer node wrote it; else somebody else did, who should not. */
    boolean isNewer() {
        return newer;
    }
}
