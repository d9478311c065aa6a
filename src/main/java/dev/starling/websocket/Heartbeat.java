package dev.starling.websocket;

import dev.starling.protocol.CloseCode;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Finds the dead, the expired and the overdue: one timer per event loop walks its sessions, a part at each tick, so that
 * there is neither a timer per connection nor a moment at which all are pinged.
 */
final class Heartbeat {

    private static final int PARTS = 20;
    private static final long LONGEST_ROUND_MILLIS = 2500;
    private static final long SHORTEST_TICK_MILLIS = 5;
    private static final long BACKLOG_ROUND_MILLIS = 5000;
    private static final long BACKLOG_TICK_MILLIS = 100;

    private final WebSocketProperties.Heartbeat settings;
    private final TokenClock clock;
    private final long firstFrameMillis;
    private final SessionMetrics metrics;
    private final long intervalMillis;
    private final long timeoutMillis;

    /** @param firstFrameTimeout how long a client may say nothing after the handshake; zero means for ever */
    Heartbeat(
            WebSocketProperties.Heartbeat settings,
            TokenClock clock,
            Duration firstFrameTimeout,
            SessionMetrics metrics) {
        this.settings = settings;
        this.clock = clock;
        this.firstFrameMillis = firstFrameTimeout.toMillis();
        this.metrics = metrics;
        this.intervalMillis = settings.interval().toMillis();
        this.timeoutMillis = settings.timeout().toMillis();
    }

    /** What a new session begins with: its first ping is at a random point of the second half of the interval. */
    Liveness begin() {
        long wait = intervalMillis - ThreadLocalRandom.current().nextLong(intervalMillis / 2 + 1);
        return new Liveness(Node.nanos(), Node.millis() + wait);
    }

    /** Begins to walk the sessions of one event loop; call it there. */
    void watch(LoopSessions sessions) {
        long tick = Math.max(SHORTEST_TICK_MILLIS, roundMillis() / PARTS);
        LoopSessions.Round round = sessions.new Round((int) Math.max(1, roundMillis() / tick));
        every(tick, sessions, () -> round.next(session -> check(session, Node.nanos())));
        // Measured more rarely, as it touches much more memory.
        every(BACKLOG_TICK_MILLIS, sessions, sessions.new Backlog((int) (BACKLOG_ROUND_MILLIS / BACKLOG_TICK_MILLIS)));
    }

    private static void every(long millis, LoopSessions sessions, Runnable work) {
        sessions.loop().scheduleAtFixedRate(work, millis, millis, TimeUnit.MILLISECONDS);
    }

    /** In this time each session is visited once. */
    private long roundMillis() {
        return Math.min(LONGEST_ROUND_MILLIS, Math.min(intervalMillis, timeoutMillis) / 4);
    }

    void check(Session session, long nowNanos) {
        long nowMillis = nowNanos / 1_000_000;
        Liveness liveness = session.liveness();
        if (liveness.isAsked()) {
            liveness.waits(session.unsentBytes(), nowNanos);
        }
        if (session.isClosing()) {
            if (session.isOverdue(nowMillis)) {
                session.cut(Closing.LOST);
            }
        } else if (clock.isOver(session.token(), System.currentTimeMillis())) {
            session.close(CloseCode.TOKEN_EXPIRED);
        } else if (isMute(session, nowMillis)) {
            session.close(CloseCode.HEARTBEAT_TIMEOUT);
        } else if (liveness.isDead(nowNanos, timeoutMillis)) {
            metrics.heartbeatTimeout();
            session.cut(Closing.DEAD);
        } else if (liveness.ping(nowNanos, intervalMillis)) {
            session.ping(nowNanos);
            liveness.waits(session.unsentBytes());
        }
    }

    private boolean isMute(Session session, long nowMillis) {
        Traffic traffic = session.traffic();
        return firstFrameMillis > 0
                && traffic.messagesIn() == 0
                && nowMillis - traffic.sinceMillis() >= firstFrameMillis;
    }

    WebSocketProperties.Heartbeat settings() {
        return settings;
    }
}
