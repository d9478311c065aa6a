package dev.starling.loadtest.client;

import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A number of clients that do the same, connected at a pace, with what is counted of them all. Thread-safe. */
public final class Population {

    private static final long PACE_MICROS = 250;
    private static final long LONGEST_NANOS = 3_600_000_000_000L;

    /**
     * How a population comes.
     *
     * @param rate connects per second; 0 = as fast as {@code atOnce} lets it
     * @param atOnce how many may be on their way at a time
     * @param timeoutMillis how long one may take until it is ready
     * @param loops how many of the event loops it uses
     * @param untilClosed whether a client is on its way until it has gone again
     */
    public record Pace(double rate, int atOnce, long timeoutMillis, int loops, boolean untilClosed) {}

    private final ClientLoops loops;
    private final ChannelPlan plan;
    private final Pace pace;
    private final Tokens tokens;
    private final Client.Sink sink;
    private final Client[] clients;
    private final Histogram establishment = new ConcurrentHistogram(LONGEST_NANOS, 3);
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicInteger established = new AtomicInteger();
    private final LongAdder readied = new LongAdder();
    private final AtomicInteger ready = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger dropped = new AtomicInteger();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
    private int started;
    private long beginNanos;

    public Population(ClientLoops loops, int size, ChannelPlan plan, Pace pace, Tokens tokens, Client.Sink sink) {
        this.loops = loops;
        this.plan = plan;
        this.pace = pace;
        this.tokens = tokens;
        this.sink = sink;
        this.clients = new Client[size];
        for (int i = 0; i < size; i++) {
            clients[i] = new Client(this, i);
        }
    }

    /** The first event loop: it sets the pace of connects, and drives what a population publishes. */
    public EventLoop driver() {
        return loops.desk(0).loop();
    }

    public ClientLoops loops() {
        return loops;
    }

    public ChannelPlan plan() {
        return plan;
    }

    Client.Sink sink() {
        return sink;
    }

    long timeoutMillis() {
        return pace.timeoutMillis();
    }

    public int size() {
        return clients.length;
    }

    public Client client(int number) {
        return clients[number];
    }

    /** Begins to connect all. */
    public void open() {
        beginNanos = System.nanoTime();
        driver().execute(this::pace);
    }

    private void pace() {
        double elapsed = (System.nanoTime() - beginNanos) / 1e9;
        int due = pace.rate() == 0 ? clients.length : (int) Math.min(clients.length, elapsed * pace.rate() + 1);
        while (started < due && busy.get() < pace.atOnce()) {
            connect(clients[started], intended(started));
            started++;
        }
        if (started < clients.length) {
            driver().schedule(this::pace, PACE_MICROS, TimeUnit.MICROSECONDS);
        }
    }

    private long intended(int number) {
        return pace.rate() == 0 ? System.nanoTime() : beginNanos + (long) (number / pace.rate() * 1e9);
    }

    private void connect(Client client, long intendedNanos) {
        busy.incrementAndGet();
        @Nullable String token = tokens.of(client.number());
        LoopDesk desk = desk(client);
        desk.loop().execute(() -> client.connect(desk, token, intendedNanos));
    }

    void established(ClientConnection connection) {
        established.incrementAndGet();
        long took = System.nanoTime() - connection.startedNanos();
        establishment.recordValue(Math.min(LONGEST_NANOS, Math.max(0, took)));
    }

    void readied(Client client) {
        if (!pace.untilClosed()) {
            busy.decrementAndGet();
        }
        ready.incrementAndGet();
        readied.increment();
        sink.ready(client);
    }

    void ended(Client client, Ending ending, boolean wasReady) {
        if (wasReady) {
            ready.decrementAndGet();
        }
        if (!wasReady || pace.untilClosed()) {
            busy.decrementAndGet();
        }
        if (!ending.asked() && !sink.excuses(client, ending)) {
            (wasReady ? dropped : refused).incrementAndGet();
            failures.computeIfAbsent(ending.reason(), key -> new LongAdder()).increment();
        }
        sink.ended(client, ending, wasReady);
    }

    void error(long code) {
        String key = code == ServerText.NONE ? "error without a code" : "error " + code;
        errors.computeIfAbsent(key, count -> new LongAdder()).increment();
    }

    /** Connects a client again after a time. Any thread may call. */
    public void reconnect(Client client, long delayMillis) {
        desk(client).loop().schedule(() -> connect(client, System.nanoTime()), delayMillis, TimeUnit.MILLISECONDS);
    }

    /** Does something with a client on its event loop. */
    public void with(int number, Consumer<Client> action) {
        desk(clients[number]).loop().execute(() -> action.accept(clients[number]));
    }

    /** Does something with all clients that are ready. */
    public void forEachReady(Consumer<Client> action) {
        for (int i = 0; i < clients.length; i++) {
            with(i, client -> {
                if (client.isReady()) {
                    action.accept(client);
                }
            });
        }
    }

    /** Does something with all clients that are connected. */
    public void forEachConnected(Consumer<Client> action) {
        for (int i = 0; i < clients.length; i++) {
            with(i, client -> {
                if (client.isConnected()) {
                    action.accept(client);
                }
            });
        }
    }

    /** Looks at each client on its event loop, one after the other, and waits for it. */
    public void visit(Consumer<Client> action) {
        loops.onEach(desk -> {
            for (Client client : clients) {
                if (desk(client) == desk) {
                    action.accept(client);
                }
            }
        });
    }

    private LoopDesk desk(Client client) {
        return loops.desk(client.number() % pace.loops());
    }

    /** Ends all connections as well-behaved clients do. */
    public void leave() {
        forEachReady(client -> client.connection().leave());
    }

    /** How often any client became ready. */
    public long readiedInAll() {
        return readied.sum();
    }

    public int ready() {
        return ready.get();
    }

    public int established() {
        return established.get();
    }

    /** Those that ended before they were ready. */
    public int refused() {
        return refused.get();
    }

    /** Those that ended after they had been ready, unasked. */
    public int dropped() {
        return dropped.get();
    }

    public int failed() {
        return refused() + dropped();
    }

    /** Whether all are ready, or will never be. */
    public boolean isSettled() {
        return ready.get() + refused.get() + dropped.get() >= clients.length;
    }

    public Histogram establishment() {
        return establishment.copy();
    }

    public Map<String, Long> failures() {
        return sums(failures);
    }

    /** {@code error} frames by code. */
    public Map<String, Long> errors() {
        return sums(errors);
    }

    public long errorCount() {
        return errors.values().stream().mapToLong(LongAdder::sum).sum();
    }

    private static Map<String, Long> sums(Map<String, LongAdder> counts) {
        Map<String, Long> sums = new TreeMap<>();
        counts.forEach((key, count) -> sums.put(key, count.sum()));
        return sums;
    }
}
