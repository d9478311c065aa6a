package dev.starling.websocket;

import dev.starling.setting.Range;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The edge of a node.
 *
 * @param node The name of this node in {@code welcome} and in logs. Empty means the host name and a random suffix.
 * @param websocket where and how the WebSocket is served
 * @param heartbeat how the dead are found
 * @param drain how a node leaves
 * @param history how much a client may ask for at once
 */
@ConfigurationProperties("starling")
public record WebSocketProperties(
        @DefaultValue("") String node,
        @DefaultValue WebSocket websocket,
        @DefaultValue Heartbeat heartbeat,
        @DefaultValue Drain drain,
        @DefaultValue History history) {

    /**
     * Where and how the WebSocket is served.
     *
     * @param path The path of the WebSocket. It begins with a slash.
     * @param compression Whether to accept permessage-deflate (RFC 7692). It costs some 300 KB of memory per client
     *     and one compression per delivery, so leave it off unless bandwidth is more expensive.
     */
    public record WebSocket(
            @DefaultValue("/ws") String path,
            @DefaultValue("false") boolean compression) {

        /** Path segments of RFC 3986, section 3.3, without percent-encoding: what is compared as it is written. */
        private static final Pattern PLAIN_PATH = Pattern.compile("(/[A-Za-z0-9._~!$&'()+,;=:@-]+)+");

        /** @throws IllegalArgumentException naming the property, the value and what is allowed */
        public WebSocket {
            if (!PLAIN_PATH.matcher(path).matches()) {
                throw Range.outside("starling.websocket.path", path, "a plain path that begins with /");
            }
        }
    }

    /**
     * How the dead are found: a client that was silent for {@code interval} gets a WebSocket ping, and is cut when nothing
     * at all comes back for {@code timeout}. Both are kept to within a quarter of the shorter, at most 2.5 seconds.
     *
     * @param interval How long a client may be silent before it is pinged, 100ms to 1h.
     * @param timeout How long the answer to a ping may take before the connection is closed, 100ms to 1h.
     */
    public record Heartbeat(
            @DefaultValue("30s") Duration interval,
            @DefaultValue("10s") Duration timeout) {
        /** @throws IllegalArgumentException naming the property, the value and what is allowed */
        public Heartbeat {
            Range.of("starling.heartbeat.interval", interval, Duration.ofMillis(100), Duration.ofHours(1));
            Range.of("starling.heartbeat.timeout", timeout, Duration.ofMillis(100), Duration.ofHours(1));
        }
    }

    /**
     * How a node leaves.
     *
     * @param deadline From SIGTERM until the process is gone, 1s to 1h. At the deadline it is ended by force, with
     *     exit status 124.
     * @param reconnectRate Clients per second that are sent to other nodes, as far as the deadline allows, 1 to
     *     1000000.
     */
    public record Drain(
            @DefaultValue("10s") Duration deadline,
            @DefaultValue("1000") int reconnectRate) {

        private static final int REST_SHARE = 5;
        private static final Duration LONGEST_REST = Duration.ofSeconds(2);

        /** @throws IllegalArgumentException naming the property, the value and what is allowed */
        public Drain {
            Range.of("starling.drain.deadline", deadline, Duration.ofSeconds(1), Duration.ofHours(1));
            Range.of("starling.drain.reconnect-rate", reconnectRate, 1, 1_000_000);
        }

        /** What is left of the deadline for the shutdown after the drain. */
        Duration rest() {
            Duration share = deadline.dividedBy(REST_SHARE);
            return share.compareTo(LONGEST_REST) < 0 ? share : LONGEST_REST;
        }
    }

    /**
     * How much a client may ask for at once; what is beyond it gets by asking again from where that ended.
     *
     * @param maxMessages Messages per {@code history} frame, 1 to 1000.
     * @param maxBytes Bytes of data per {@code history} frame, 1KB to 16MB. A single message is delivered
     *     whatever its size.
     */
    public record History(
            @DefaultValue("1000") int maxMessages,
            @DefaultValue("1MB") DataSize maxBytes) {
        /** @throws IllegalArgumentException naming the property, the value and what is allowed */
        public History {
            Range.of("starling.history.max-messages", maxMessages, 1, 1000);
            Range.of("starling.history.max-bytes", maxBytes, DataSize.ofKilobytes(1), DataSize.ofMegabytes(16));
        }
    }
}
