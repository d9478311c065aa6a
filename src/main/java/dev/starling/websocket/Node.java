package dev.starling.websocket;

import dev.starling.channel.ChannelHub;
import dev.starling.channel.Presence;
import dev.starling.protocol.FrameCodec;
import dev.starling.security.LimitsProperties;
import io.netty.channel.Channel;
import java.time.Duration;

/**
 * What all sessions of this node share. Immutable.
 *
 * @param name what the node calls itself
 * @param heartbeatInterval as told in {@code welcome}
 * @param history how much one {@code history} frame has
 * @param closes told of each session that has ended
 */
record Node(
        String name,
        Duration heartbeatInterval,
        LimitsProperties limits,
        WebSocketProperties.History history,
        Inbound.Rates rates,
        FrameCodec codec,
        ChannelHub hub,
        Presence presence,
        SessionRegistry registry,
        SessionMetrics metrics,
        SessionLog log,
        CloseListener closes) {

    private static final long START = System.nanoTime();

    /** Makes a session one of this node's, and tells all who want to know; it ends with {@code channel}. Call it on its event loop. */
    void opened(Session session, Channel channel) {
        registry.add(session);
        metrics.connected();
        log.connected(session);
        channel.closeFuture().addListener(session);
    }

    /** Tells all who want to know that a session has ended. */
    void closed(Session session, Closing how) {
        metrics.closed(how);
        log.disconnected(session, how);
        closes.closed(ClosedConnection.of(session, how));
    }

    /** A clock for durations: nanoseconds since the node's start, never negative, never back. */
    static long nanos() {
        return System.nanoTime() - START;
    }

    /** The same in milliseconds. */
    static long millis() {
        return nanos() / 1_000_000;
    }
}
