package dev.starling.channel;

import dev.starling.protocol.ChannelName;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** How many changes of each channel may be told in a second. Any thread may ask. */
final class ChangeRate {

    private static final long SECOND_NANOS = 1_000_000_000;

    private final int perSecond;
    private final LongSupplier nanos;
    private volatile Second current;

    /** @param nanos a clock for durations, such as {@link System#nanoTime} */
    ChangeRate(int perSecond, LongSupplier nanos) {
        this.perSecond = perSecond;
        this.nanos = nanos;
        this.current = new Second(nanos.getAsLong());
    }

    /** What was told in one second, which is forgotten as a whole. */
    private record Second(long startNanos, ConcurrentMap<ChannelName, AtomicInteger> told) {
        Second(long startNanos) {
            this(startNanos, new ConcurrentHashMap<>());
        }
    }

    /** Whether one more of this channel may be told now. */
    boolean take(ChannelName channel) {
        return second().told
                        .computeIfAbsent(channel, key -> new AtomicInteger())
                        .incrementAndGet()
                <= perSecond;
    }

    /** Threads that find it over at the same time may each begin one, and a few more pass. */
    private Second second() {
        Second second = current;
        long now = nanos.getAsLong();
        if (now - second.startNanos >= SECOND_NANOS) {
            second = new Second(now);
            current = second;
        }
        return second;
    }
}
