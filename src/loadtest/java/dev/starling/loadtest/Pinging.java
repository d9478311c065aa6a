package dev.starling.loadtest;

import dev.starling.loadtest.client.Client;
import dev.starling.loadtest.client.FrameReader;
import dev.starling.loadtest.client.LoopDesk;
import dev.starling.loadtest.client.Population;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Pings by the clients of one event loop in turn, at a rate, or so many at a time. That loop owns it. */
final class Pinging {

    private static final byte[] PING = "{\"type\":\"ping\"}".getBytes(StandardCharsets.US_ASCII);

    private final LoopDesk desk;
    private final Population clients;
    private final int first;
    private final int step;
    private final int count;
    private final double rate;
    private final int inFlight;
    private final boolean control;
    private final List<Queue<Long>> sent = new ArrayList<>();
    private volatile long fromNanos = Long.MAX_VALUE;
    private volatile boolean running = true;
    private final AtomicLong pings = new AtomicLong();
    private final AtomicLong pongs = new AtomicLong();
    private final AtomicLong strange = new AtomicLong();
    private long beginNanos;
    private int turn;
    private boolean pumping;

    /**
     * @param loop the number of the loop
     * @param rate pings per second of this loop; 0 = by {@code inFlight}
     * @param control whether to send pings of WebSocket rather than of the protocol
     */
    Pinging(Population clients, int loop, double rate, int inFlight, boolean control) {
        this.clients = clients;
        this.desk = clients.loops().desk(loop);
        this.first = loop;
        this.step = clients.loops().size();
        this.count = (clients.size() - loop + step - 1) / step;
        this.rate = rate;
        this.inFlight = inFlight;
        this.control = control;
        for (int i = 0; i < count; i++) {
            sent.add(new ArrayDeque<>(1));
        }
    }

    void start() {
        desk.loop().execute(() -> {
            beginNanos = System.nanoTime();
            pump();
        });
    }

    void stop() {
        running = false;
    }

    /** Times count from now on. */
    void count() {
        fromNanos = System.nanoTime();
    }

    private void pump() {
        pumping = false;
        if (!running || count == 0) {
            return;
        }
        long now = System.nanoTime();
        if (rate > 0) {
            long due = 1 + (long) ((now - beginNanos) / 1e9 * rate);
            for (int sentNow = 0; pings.get() < due && sentNow < 10_000; sentNow++) {
                ping(beginNanos + (long) (pings.get() / rate * 1e9));
            }
            long wait = Math.max(0, beginNanos + (long) (pings.get() / rate * 1e9) - System.nanoTime());
            desk.loop().schedule(this::pump, wait, TimeUnit.NANOSECONDS);
        } else {
            while (pings.get() < pongs.get() + inFlight) {
                ping(now);
            }
        }
    }

    private void ping(long intendedNanos) {
        int index = turn;
        turn = (turn + 1) % count;
        pings.incrementAndGet();
        Client client = clients.client(first + index * step);
        if (client.isReady()) {
            sent.get(index).add(intendedNanos);
            byte[] payload = control ? new byte[0] : PING;
            client.connection().write(control ? FrameReader.PING : FrameReader.TEXT, payload, 0, payload.length);
            client.connection().flush();
        }
    }

    void pong(Client client) {
        Long since = sent.get((client.number() - first) / step).poll();
        if (since == null) {
            strange.incrementAndGet();
            return;
        }
        pongs.incrementAndGet();
        if (since >= fromNanos) {
            desk.record(since);
        }
        if (rate == 0 && !pumping) {
            pumping = true;
            desk.loop().execute(this::pump);
        }
    }

    long pings() {
        return pings.get();
    }

    long pongs() {
        return pongs.get();
    }

    /** Answers to nothing. */
    long strange() {
        return strange.get();
    }
}
