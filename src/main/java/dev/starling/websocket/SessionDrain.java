package dev.starling.websocket;

import dev.starling.protocol.CloseCode;
import dev.starling.protocol.ServerFrame;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Sends the clients of a leaving node elsewhere before the web server stops: each is told when to connect anew, with a delay
 * of its own so that the other nodes are not stormed, and closes its connection here once it has moved. A client that does
 * not move is closed with 1001 as late as the deadline allows. Requests that have arrived are answered meanwhile. Boot's own
 * graceful shutdown would wait for open WebSockets until it gives up, and then cut them without a word.
 */
final class SessionDrain implements SmartLifecycle {

    /** Before the web server's graceful shutdown, which is 1024 below the default: the higher phase stops first. */
    static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 512;

    /** More than any deadline that can be configured. */
    static final long LONGEST_MILLIS = TimeUnit.HOURS.toMillis(2);

    private static final Logger log = LoggerFactory.getLogger(SessionDrain.class);
    private static final long TICK_MILLIS = 50;

    /** How long the stream of a client that cannot move beforehand stays open after its {@code goaway}, at most. */
    private static final long STREAM_OVERLAP_MILLIS = 2000;

    private final SessionRegistry registry;
    private final HttpConnections http;
    private final WebSocketProperties.Drain settings;
    private volatile boolean running;
    private volatile @Nullable Plan plan;

    SessionDrain(SessionRegistry registry, HttpConnections http, WebSocketProperties.Drain settings) {
        this.registry = registry;
        this.http = http;
        this.settings = settings;
    }

    /**
     * The time table of one drain.
     *
     * @param beginMillis when it began, by {@link Node#millis}
     * @param deadlineMillis when those that are left are cut, by {@link Node#millis}
     * @param windowMillis over how long the clients are spread
     * @param overlapMillis how long each keeps its old connection
     */
    private record Plan(long beginMillis, long deadlineMillis, long windowMillis, long overlapMillis) {}

    /** Whether new clients have to go elsewhere. */
    boolean isDraining() {
        return plan != null;
    }

    /** For how long the node has been leaving; 0 if it is not. */
    Duration elapsed() {
        Plan drawn = plan;
        return drawn == null ? Duration.ZERO : Duration.ofMillis(Node.millis() - drawn.beginMillis);
    }

    Duration deadline() {
        return settings.deadline();
    }

    /** How long draining the sessions may take; what is left of the deadline is for the rest of the shutdown. */
    long budgetMillis() {
        return settings.deadline().minus(settings.rest()).toMillis();
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    /** Completes {@code callback} when all sessions have ended, or are cut because the time is over. */
    @Override
    public void stop(Runnable callback) {
        running = false;
        Plan drawn = draw(registry.size());
        plan = drawn;
        http.sayFarewell();
        log.atInfo()
                .addKeyValue("sessions", registry.size())
                .addKeyValue("windowMillis", drawn.windowMillis)
                .log("drain.start");
        ScheduledExecutorService clock =
                Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "session-drain"));
        clock.scheduleWithFixedDelay(
                () -> {
                    if (isOver(drawn)) {
                        clock.shutdown();
                        callback.run();
                    }
                },
                0,
                TICK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private Plan draw(int sessions) {
        long budget = budgetMillis();
        long window = Math.min(budget * 6 / 10, sessions * 1000L / settings.reconnectRate());
        long overlap = budget * 9 / 10 - window; // the rest is for the closing handshakes
        long now = Node.millis();
        return new Plan(now, now + budget, window, overlap);
    }

    /** One tick; whether the drain is over. A timer that throws is not run again, and Spring would wait for hours. */
    private boolean isOver(Plan drawn) {
        try {
            return step(drawn);
        } catch (RuntimeException failure) {
            log.error("drain.step_failed", failure);
            return Node.millis() >= drawn.deadlineMillis;
        }
    }

    /** One tick on all loops; whether the drain is over. */
    private boolean step(Plan drawn) {
        int left = registry.size();
        boolean late = Node.millis() >= drawn.deadlineMillis;
        if (left > 0) {
            Consumer<Session> visit = late ? session -> session.cut(Closing.OVERDUE) : session -> visit(session, drawn);
            registry.loops().forEach(sessions -> visitAll(sessions, visit));
        }
        boolean isEmpty =
                left == 0 && http.emptied() && registry.size() == 0; // HTTP may have become a session meanwhile
        if (late || isEmpty) {
            log.atInfo()
                    .addKeyValue("cut", left)
                    .addKeyValue("requestsCut", http.size())
                    .log("drain.end");
            return true;
        }
        return false;
    }

    private static void visitAll(LoopSessions sessions, Consumer<Session> visit) {
        try {
            sessions.loop().execute(() -> sessions.forEach(visit));
        } catch (RejectedExecutionException gone) {
            // A loop that takes no tasks has closed its connections; the others still have to be drained.
        }
    }

    private static void visit(Session session, Plan drawn) {
        long now = Node.millis();
        Departure departure = session.departure();
        if (departure == null) {
            long overlap =
                    session.canMove() ? drawn.overlapMillis : Math.min(drawn.overlapMillis, STREAM_OVERLAP_MILLIS);
            departure = Departure.within(now, drawn.windowMillis, overlap);
            session.depart(departure);
        }
        if (session.isClosing()) {
            return;
        }
        if (departure.tell(now)) {
            session.send(new ServerFrame.GoAway("shutdown", departure.reconnectAfter(now), departure.closeBy(now)));
        } else if (departure.isOver(now)) {
            session.close(CloseCode.GOING_AWAY);
        }
    }
}
