package dev.starling.api;

import dev.starling.websocket.CloseListener;
import dev.starling.websocket.ClosedConnection;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The connections of this node that ended last, up to a number; older ones are forgotten. Any thread may write and read. */
final class RecentCloses implements CloseListener {

    /** @param number counts all that ended, from 0 */
    private record Entry(long number, ClosedConnection connection) {}

    private final AtomicReferenceArray<@Nullable Entry> ring;
    private final AtomicLong count = new AtomicLong();

    RecentCloses(int capacity, MeterRegistry registry) {
        ring = new AtomicReferenceArray<>(capacity);
        Gauge.builder("ws.closes.remembered", this, RecentCloses::size)
                .description("Connections that ended and are remembered for who asks why")
                .register(registry);
    }

    @Override
    public void closed(ClosedConnection connection) {
        long number = count.getAndIncrement();
        if (ring.length() > 0) {
            ring.set(slot(number), new Entry(number, connection));
        }
    }

    private int slot(long number) {
        return (int) (number % ring.length());
    }

    /** The first of those that are wanted in the order of {@link CloseCursor#NEWEST_FIRST}, at most so many. */
    List<ClosedConnection> find(Predicate<ClosedConnection> wanted, int limit) {
        TreeSet<ClosedConnection> found = new TreeSet<>(CloseCursor.NEWEST_FIRST);
        long end = count.get();
        long oldest = Math.max(0, end - ring.length());
        for (long number = end - 1; number >= oldest; number--) {
            Entry entry = ring.get(slot(number));
            // Another number is one that is just being written, or was written over meanwhile.
            if (entry != null && entry.number() == number && wanted.test(entry.connection())) {
                found.add(entry.connection());
                if (found.size() > limit) {
                    found.pollLast();
                }
            }
        }
        return List.copyOf(found);
    }

    private long size() {
        return Math.min(count.get(), ring.length());
    }

    /** How many ended since the start that are not remembered any more. */
    long forgotten() {
        return Math.max(0, count.get() - ring.length());
    }
}
