package dev.starling.websocket;

/** What went through one session, for its last log line. Owned by its event loop. */
final class Traffic {

    private final long sinceMillis;
    private long messagesIn;
    private long messagesOut;
    private long bytesIn;
    private long bytesOut;

    Traffic(long sinceMillis) {
        this.sinceMillis = sinceMillis;
    }

    void received(int bytes) {
        messagesIn++;
        bytesIn += bytes;
    }

    void sent(int messages, int bytes) {
        messagesOut += messages;
        bytesOut += bytes;
    }

    /** When the connection was made, by {@link Node#millis}. */
    long sinceMillis() {
        return sinceMillis;
    }

    /** How long ago that was. */
    long ageMillis() {
        return Node.millis() - sinceMillis;
    }

    long messagesIn() {
        return messagesIn;
    }

    long messagesOut() {
        return messagesOut;
    }

    long bytesIn() {
        return bytesIn;
    }

    long bytesOut() {
        return bytesOut;
    }
}
