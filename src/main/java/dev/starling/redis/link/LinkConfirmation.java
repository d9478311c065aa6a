package dev.starling.redis.link;

import java.time.Duration;

/**
 * Whether a link hears all that it should: each channel that was wanted when it was made, or that came from another link, has
 * been confirmed, and a message of our own has shown that what is published comes through it. Written by the loop, but for
 * {@link #broken}; any thread may ask.
 */
final class LinkConfirmation {

    private final long othersBackNanos;
    private boolean settled;
    private boolean proven;
    private boolean wasThere;
    private boolean wasLost;
    private volatile boolean isConfirmed;
    private volatile boolean wasBack;
    private volatile long backNanos;

    /** @param othersBack how long other nodes may take to find that theirs is lost, and to make it anew */
    LinkConfirmation(Duration othersBack) {
        this.othersBackNanos = othersBack.toNanos();
    }

    /** Redis has confirmed all channels. */
    void settled() {
        settled = true;
        confirm();
    }

    /** There is one that it has not. */
    void unsettled() {
        settled = false;
        isConfirmed = false;
    }

    /** A message of our own has come back, or Redis refuses to take any. */
    void proven() {
        proven = true;
        confirm();
    }

    /** The connection is gone. */
    void lost() {
        unsettled();
        proven = false;
        wasLost = wasThere;
    }

    /** The same, but at once, and on the reading thread; the loop will say it again. */
    void broken() {
        isConfirmed = false;
    }

    private void confirm() {
        if (settled && proven) {
            if (wasLost) {
                wasLost = false;
                backNanos = System.nanoTime();
                wasBack = true;
            }
            wasThere = true;
            isConfirmed = true;
        }
    }

    boolean isConfirmed() {
        return isConfirmed;
    }

    /** Whether it was lost and has not been back for so long that the other nodes' links must be back as well. */
    boolean isJustBack() {
        return wasBack && System.nanoTime() - backNanos < othersBackNanos;
    }
}
