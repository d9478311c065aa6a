package dev.starling.redis.stream;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * Lets a bounded number of reads of the history run at a time: those of new subscriptions first, then the repairs, in the
 * order in which they were asked for. After an outage the repairs wait for a while that is another for each node. Any
 * thread may call; what is started runs on the thread that asks, or on that which ends another one.
 */
final class HistoryReads {

    /** Within this time there is one wait only: all channels come back with the same outage. */
    private static final long OUTAGE_MILLIS = TimeUnit.SECONDS.toMillis(5);

    private final int most;
    private final long spreadMillis;
    private final Scheduler timer;
    private final Queue<Runnable> first = new ArrayDeque<>();
    private final Queue<Runnable> repairs = new ArrayDeque<>();
    private int running;
    private boolean held;
    private long heldLast;

    /**
     * @param most reads at a time
     * @param spread the longest wait after an outage
     */
    HistoryReads(int most, Duration spread, Scheduler timer) {
        this.most = most;
        this.spreadMillis = spread.toMillis();
        this.timer = timer;
        this.heldLast = timer.now(TimeUnit.MILLISECONDS) - OUTAGE_MILLIS;
    }

    /** Runs {@code start} as soon as a read may begin; it is followed by one {@link #done}. */
    void begin(Runnable start, boolean isRepair) {
        synchronized (this) {
            (isRepair ? repairs : first).add(start);
        }
        startNext();
    }

    /** One read has ended. */
    void done() {
        synchronized (this) {
            running--;
        }
        startNext();
    }

    /** Repairs that are asked for now are those of an outage. */
    void holdOff() {
        long now = timer.now(TimeUnit.MILLISECONDS);
        synchronized (this) {
            if (held || spreadMillis == 0 || now - heldLast < OUTAGE_MILLIS) {
                return;
            }
            held = true;
            heldLast = now;
        }
        timer.schedule(this::release, ThreadLocalRandom.current().nextLong(spreadMillis), TimeUnit.MILLISECONDS);
    }

    private void release() {
        synchronized (this) {
            held = false;
        }
        startNext();
    }

    /** Repairs and subscriptions that wait for their read. */
    synchronized int waiting() {
        return first.size() + repairs.size();
    }

    private void startNext() {
        for (Runnable next = next(); next != null; next = next()) {
            next.run();
        }
    }

    private synchronized @Nullable Runnable next() {
        if (running >= most) {
            return null;
        }
        Runnable next = first.poll();
        if (next == null && !held) {
            next = repairs.poll();
        }
        if (next != null) {
            running++;
        }
        return next;
    }
}
