package dev.starling.websocket;

import io.netty.channel.EventLoop;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** All sessions of this node, by event loop. Sessions come and go on their own loop; any thread may count. */
final class SessionRegistry {

    private final ConcurrentMap<EventLoop, LoopSessions> loops = new ConcurrentHashMap<>();
    private final AtomicInteger size = new AtomicInteger();
    private final Consumer<LoopSessions> onNewLoop;

    /** @param onNewLoop told of each event loop, on it, before its first session is added */
    SessionRegistry(Consumer<LoopSessions> onNewLoop) {
        this.onNewLoop = onNewLoop;
    }

    void add(Session session) {
        LoopSessions sessions = loops.get(session.loop());
        if (sessions == null) {
            sessions = new LoopSessions(session.loop());
            loops.put(session.loop(), sessions);
            onNewLoop.accept(sessions);
        }
        sessions.add(session);
        size.incrementAndGet();
    }

    void remove(Session session) {
        LoopSessions sessions = loops.get(session.loop());
        if (sessions != null && sessions.remove(session)) {
            size.decrementAndGet();
        }
    }

    int size() {
        return size.get();
    }

    /** Bytes that wait for clients to read, as last measured. */
    long pendingBytes() {
        return loops.values().stream().mapToLong(LoopSessions::pendingBytes).sum();
    }

    /** The sessions of each loop that has ever had one. */
    Collection<LoopSessions> loops() {
        return loops.values();
    }
}
