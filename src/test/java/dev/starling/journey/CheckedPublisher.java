package dev.starling.journey;

import dev.starling.loadtest.check.DeliveryChecker;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A client that publishes numbered messages at a steady rate, each with an idempotency key, and sends again what the
 * server did not acknowledge. Its own lock guards it.
 */
final class CheckedPublisher {

    private static final int TICK_MILLIS = 10;
    private static final int WINDOW = 64;

    private final DeliveryChecker checker;
    private final int number;
    private final String channel;
    private final List<URI> nodes;
    private final ScheduledExecutorService timer;
    private final Queue<String> surprises;
    private final int perTick;
    private final Map<Integer, Long> waiting = new TreeMap<>();
    private final TreeSet<Integer> again = new TreeSet<>();
    private @Nullable FrameSocket socket;
    private boolean open;
    private boolean stopped;
    private boolean closed;
    private int node;
    private int connections;
    private int ended;
    private int next = 1;
    private int acknowledged;
    private int refusals;
    private long slowestRefusalNanos;

    CheckedPublisher(
            DeliveryChecker checker,
            int number,
            String channel,
            int perSecond,
            List<URI> nodes,
            int node,
            ScheduledExecutorService timer,
            Queue<String> surprises) {
        this.checker = checker;
        this.number = number;
        this.channel = channel;
        this.perTick = Math.max(1, perSecond * TICK_MILLIS / 1000);
        this.nodes = nodes;
        this.node = node;
        this.timer = timer;
        this.surprises = surprises;
    }

    void start() {
        connect();
        timer.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Nothing new from now on, only what has to be sent again. */
    synchronized void stop() {
        stopped = true;
    }

    synchronized boolean isDone() {
        return stopped && waiting.isEmpty() && again.isEmpty();
    }

    synchronized int acknowledged() {
        return acknowledged;
    }

    synchronized int connections() {
        return connections;
    }

    /** How often a message was refused with 109. */
    synchronized int refusals() {
        return refusals;
    }

    /** Forgets how slow refusals were, and returns it. */
    synchronized Duration takeSlowestRefusal() {
        Duration slowest = Duration.ofNanos(slowestRefusalNanos);
        slowestRefusalNanos = 0;
        return slowest;
    }

    synchronized void close() {
        closed = true;
        FrameSocket current = socket;
        if (current != null) {
            current.abort();
        }
    }

    private synchronized void connect() {
        if (closed) {
            return;
        }
        int connection = ++connections;
        URI address = nodes.get(node++ % nodes.size());
        socket = FrameSocket.open(
                address, Tokens.standard().sign(), frame -> frame(connection, frame), () -> ended(connection));
    }

    private synchronized void ended(int connection) {
        if (connection != connections || connection == ended) {
            return;
        }
        ended = connection; // which may be before there is a socket, if nobody listens there
        socket = null;
        open = false;
        again.addAll(waiting.keySet());
        waiting.clear();
        timer.schedule(this::connect, 100, TimeUnit.MILLISECONDS);
    }

    private synchronized void tick() {
        for (int i = 0; i < perTick && open && waiting.size() < WINDOW; i++) {
            Integer sequence = again.pollFirst();
            if (sequence == null) {
                if (stopped) {
                    return;
                }
                sequence = next++;
            }
            send(sequence);
        }
    }

    private void send(int sequence) {
        FrameSocket current = socket;
        if (current != null) {
            checker.sent(channel, number, sequence);
            waiting.put(sequence, System.nanoTime());
            current.send("{\"type\":\"publish\",\"channel\":\"" + channel + "\",\"id\":" + sequence + ",\"key\":\""
                    + number + "-" + sequence + "\",\"data\":{\"p\":" + number + ",\"s\":" + sequence + "}}");
        }
    }

    private synchronized void frame(int connection, JsonNode frame) {
        if (connection != connections || socket == null) {
            return;
        }
        switch (frame.path("type").asString()) {
            case "welcome" -> open = true;
            case "published" -> published(frame);
            case "error" -> refused(frame);
            case "goaway" -> {} // it stays until it is closed
            default -> surprises.add(frame.toString());
        }
    }

    private void published(JsonNode frame) {
        int sequence = frame.get("id").asInt();
        waiting.remove(sequence);
        acknowledged++;
        checker.acknowledged(channel, number, sequence, CheckedSubscriber.position(frame));
    }

    private void refused(JsonNode frame) {
        Long since = waiting.remove(frame.path("id").asInt(0));
        if (since == null || frame.path("code").asInt() != 109) {
            surprises.add(frame.toString());
            return;
        }
        refusals++;
        slowestRefusalNanos = Math.max(slowestRefusalNanos, System.nanoTime() - since);
        again.add(frame.get("id").asInt());
    }
}
