package dev.starling.journey;

import dev.starling.loadtest.check.SubscriberLog;
import dev.starling.protocol.StreamPosition;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A client that behaves as the protocol asks: it comes back, to the next node, and asks for what it missed. All that it
 * gets goes to the checker. Its own lock guards it.
 */
final class CheckedSubscriber {

    private final SubscriberLog log;
    private final List<String> channels;
    private final List<URI> nodes;
    private final ScheduledExecutorService timer;
    private final Queue<String> surprises;
    private final Set<String> standing = new HashSet<>();
    private @Nullable FrameSocket socket;
    private int node;
    private int connections;
    private int ended;
    private int told;
    private boolean closed;

    CheckedSubscriber(
            SubscriberLog log,
            List<String> channels,
            List<URI> nodes,
            int node,
            ScheduledExecutorService timer,
            Queue<String> surprises) {
        this.log = log;
        this.channels = channels;
        this.nodes = nodes;
        this.node = node;
        this.timer = timer;
        this.surprises = surprises;
    }

    synchronized void connect() {
        if (closed) {
            return;
        }
        int connection = ++connections;
        URI address = nodes.get(node++ % nodes.size());
        socket = FrameSocket.open(
                address, Tokens.standard().sign(), frame -> frame(connection, frame), () -> ended(connection));
    }

    /** How many connections it has had. */
    synchronized int connections() {
        return connections;
    }

    /** How often it was told that the history is another one, or that it can't be recovered. */
    synchronized int told() {
        return told;
    }

    /** Whether it is subscribed to all its channels. */
    synchronized boolean stands() {
        return standing.size() == channels.size();
    }

    /** Cuts the connection and comes back. */
    synchronized void cut() {
        FrameSocket current = socket;
        if (current != null) {
            current.abort();
        }
        ended(connections);
    }

    synchronized void close() {
        closed = true;
        cut();
    }

    private synchronized void ended(int connection) {
        if (connection != connections || connection == ended) {
            return;
        }
        ended = connection; // which may be before there is a socket, if nobody listens there
        socket = null;
        standing.clear();
        log.disconnected();
        if (!closed) {
            timer.schedule(this::connect, ThreadLocalRandom.current().nextInt(50, 300), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void frame(int connection, JsonNode frame) {
        if (connection != connections || socket == null) {
            return;
        }
        String channel = frame.path("channel").asString("");
        switch (frame.path("type").asString()) {
            case "welcome" -> channels.forEach(this::subscribe);
            case "subscribed" -> subscribed(channel, frame);
            case "message" -> {
                JsonNode data = frame.get("data");
                log.message(
                        channel,
                        frame.path("offset").asLong(0),
                        data.get("p").asInt(),
                        data.get("s").asInt());
            }
            case "gap" ->
                log.gap(channel, frame.get("from").asLong(), frame.get("to").asLong());
            case "goaway" -> {} // it stays until it is closed, and then comes back
            case "error" -> refused(connection, channel, frame);
            default -> surprises.add(frame.toString());
        }
    }

    private void subscribed(String channel, JsonNode frame) {
        Boolean recovered =
                frame.has("recovered") ? (Boolean) frame.get("recovered").asBoolean() : null;
        if (Boolean.FALSE.equals(recovered)) {
            told++;
        }
        log.subscribed(channel, position(frame), recovered);
        standing.add(channel);
    }

    private void refused(int connection, String channel, JsonNode frame) {
        if (frame.path("code").asInt() == 109 && channels.contains(channel)) {
            timer.schedule(() -> again(connection, channel), 100, TimeUnit.MILLISECONDS);
        } else {
            surprises.add(frame.toString());
        }
    }

    private synchronized void again(int connection, String channel) {
        if (connection == connections && socket != null) {
            subscribe(channel);
        }
    }

    private void subscribe(String channel) {
        StreamPosition at = log.position(channel);
        String recover =
                at == null ? "" : ",\"recover\":{\"epoch\":\"" + at.epoch() + "\",\"offset\":" + at.offset() + "}";
        FrameSocket current = socket;
        if (current != null) {
            current.send("{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"" + recover + "}");
        }
    }

    static @Nullable StreamPosition position(JsonNode frame) {
        return frame.has("epoch")
                ? new StreamPosition(
                        frame.get("epoch").asString(), frame.get("offset").asLong())
                : null;
    }
}
