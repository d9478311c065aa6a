package dev.starling.loadtest.client;

import io.netty.channel.EventLoop;
import org.HdrHistogram.Histogram;

/** What the connections of one event loop share: buffers, the time, histograms. Only that loop touches it. */
public final class LoopDesk {

    private static final int BYTES = 256 << 10;
    private static final long LONGEST_NANOS = 3_600_000_000_000L;

    private final EventLoop loop;
    private final ServerText text = new ServerText();
    private final Histogram latency = new Histogram(LONGEST_NANOS, 3);
    private byte[] spare = new byte[BYTES];
    private boolean lent;
    private long nowNanos = System.nanoTime();
    private long delivered;

    LoopDesk(EventLoop loop) {
        this.loop = loop;
    }

    public EventLoop loop() {
        return loop;
    }

    ServerText text() {
        return text;
    }

    /** A buffer of at least this size, until it is given back. */
    byte[] borrow(int bytes) {
        if (lent || bytes > BYTES) {
            return new byte[bytes];
        }
        lent = true;
        return spare;
    }

    void giveBack(byte[] bytes) {
        if (bytes == spare) {
            lent = false;
        }
    }

    /** Looks at the clock: once for all that was read in one go. */
    void tick() {
        nowNanos = System.nanoTime();
    }

    /** When the bytes arrived that are being read. */
    public long nowNanos() {
        return nowNanos;
    }

    public Histogram latency() {
        return latency;
    }

    /** Takes the time since {@code sinceNanos} for a latency. */
    public void record(long sinceNanos) {
        latency.recordValue(Math.min(LONGEST_NANOS, Math.max(0, nowNanos - sinceNanos)));
    }

    public void deliver() {
        delivered++;
    }

    public long delivered() {
        return delivered;
    }
}
