package dev.starling.security;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * So many per second, with a burst of one second's worth (GCRA: the one number kept is when the next one would be due if all came evenly
 * spaced). Thread-safe; never waits.
 */
final class AcceptRate {

    private static final long BURST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long intervalNanos;
    private final LongSupplier nanoTime;
    private final AtomicLong dueNanos;

    AcceptRate(int perSecond, LongSupplier nanoTime) {
        this.intervalNanos = BURST_NANOS / perSecond;
        this.nanoTime = nanoTime;
        this.dueNanos = new AtomicLong(nanoTime.getAsLong());
    }

    /** @return false if this one is too many now; then it does not count */
    boolean take() {
        long now = nanoTime.getAsLong();
        while (true) {
            long due = dueNanos.get();
            // Differences, since the clock may wrap around.
            long start = due - now > 0 ? due : now;
            if (start + intervalNanos - now > BURST_NANOS) {
                return false;
            }
            if (dueNanos.compareAndSet(due, start + intervalNanos)) {
                return true;
            }
        }
    }
}
