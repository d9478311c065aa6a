package dev.starling.websocket;

import java.util.concurrent.ThreadLocalRandom;

/**
 * The time table of one session of a leaving node: told to go at some moment, expected elsewhere at a later one, closed a
 * while after that. Times are {@link Node#millis}. Owned by the session's event loop.
 */
final class Departure {

    private final long tellAtMillis;
    private final long reconnectAtMillis;
    private final long closeAtMillis;
    private boolean told;

    private Departure(long tellAtMillis, long reconnectAtMillis, long closeAtMillis) {
        this.tellAtMillis = tellAtMillis;
        this.reconnectAtMillis = reconnectAtMillis;
        this.closeAtMillis = closeAtMillis;
    }

    /**
     * Draws a reconnect at random, so that all together come evenly, and says it at half of that time: so the frames, too,
     * go out in waves.
     */
    static Departure within(long nowMillis, long windowMillis, long overlapMillis) {
        long wait = ThreadLocalRandom.current().nextLong(windowMillis + 1);
        return new Departure(nowMillis + wait / 2, nowMillis + wait, nowMillis + wait + overlapMillis);
    }

    /** Whether it is time to tell; true once. */
    boolean tell(long nowMillis) {
        if (told || nowMillis < tellAtMillis) {
            return false;
        }
        told = true;
        return true;
    }

    long reconnectAfter(long nowMillis) {
        return Math.max(0, reconnectAtMillis - nowMillis);
    }

    long closeBy(long nowMillis) {
        return Math.max(0, closeAtMillis - nowMillis);
    }

    boolean isOver(long nowMillis) {
        return told && nowMillis >= closeAtMillis;
    }
}
