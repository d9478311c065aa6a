package dev.starling.websocket;

import org.jspecify.annotations.Nullable;

/** When a client was last heard, and when it is to be asked. The clock is that of {@link Node}. Owned by its event loop. */
final class Liveness {

    private static final long NONE = -1;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long NANOS_PER_MICRO = 1_000;

    private long heardNanos;
    private long nextPingMillis;
    private long pingSentNanos = NONE;

    /** What waited for the client when it was last looked at. */
    private int unsentBytes;

    /** How long the last answer took; 0 if there was none. */
    private int roundTripMicros;

    /** @param nextPingMillis when to send the first ping, if the client is silent until then */
    Liveness(long nowNanos, long nextPingMillis) {
        this.heardNanos = nowNanos;
        this.nextPingMillis = nextPingMillis;
    }

    /** Something came. Whatever it was, it is a sign of life. */
    void heard(long nowNanos) {
        heardNanos = nowNanos;
    }

    /** The client answered; how long that took in nanoseconds, or -1 if it was not asked. */
    long answered(long nowNanos) {
        long sent = pingSentNanos;
        pingSentNanos = NONE;
        if (sent == NONE) {
            return NONE;
        }
        long nanos = nowNanos - sent;
        roundTripMicros = (int) Math.max(1, Math.min(nanos / NANOS_PER_MICRO, Integer.MAX_VALUE));
        return nanos;
    }

    /** How long the client took to answer the last ping that it did answer; null if there was none. */
    @Nullable
    Double roundTripMillis() {
        return roundTripMicros == 0 ? null : roundTripMicros / 1000.0;
    }

    /** Whether nothing came since a ping. */
    boolean isAsked() {
        return pingSentNanos != NONE && heardNanos < pingSentNanos;
    }

    /** What waits for the client as it is pinged. */
    void waits(long bytes) {
        unsentBytes = (int) Math.min(bytes, Integer.MAX_VALUE);
    }

    /** What waits for a client that was asked. Less is a sign of life: it reads, and the ping may wait, or its pong be unread. */
    void waits(long bytes, long nowNanos) {
        int before = unsentBytes;
        waits(bytes);
        if (unsentBytes < before) {
            heard(nowNanos);
        }
    }

    /** Whether nothing came since a ping that is older than the timeout. */
    boolean isDead(long nowNanos, long timeoutMillis) {
        return isAsked() && nowNanos - pingSentNanos >= timeoutMillis * NANOS_PER_MILLI;
    }

    /** Whether to ping now; if so, the ping counts as sent. A client that was heard lately is asked later. */
    boolean ping(long nowNanos, long intervalMillis) {
        long nowMillis = nowNanos / NANOS_PER_MILLI;
        long heardMillis = heardNanos / NANOS_PER_MILLI;
        if (nowMillis < nextPingMillis) {
            return false;
        }
        if (nowMillis - heardMillis < intervalMillis / 2) {
            nextPingMillis = heardMillis + intervalMillis;
            return false;
        }
        nextPingMillis = nowMillis + intervalMillis;
        if (pingSentNanos == NONE || heardNanos >= pingSentNanos) {
            pingSentNanos = nowNanos; // an unanswered ping keeps its time: the timeout runs from the first
        }
        return true;
    }
}
