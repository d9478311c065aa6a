package dev.starling.websocket;

import dev.starling.channel.LoopSlots;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;

/** The sessions of one event loop, which alone may touch them. */
final class LoopSessions {

    private final EventLoop loop;
    private final LoopSlots<Session> sessions = new LoopSlots<>();
    private volatile long pendingBytes;

    LoopSessions(EventLoop loop) {
        this.loop = loop;
    }

    EventLoop loop() {
        return loop;
    }

    void add(Session session) {
        sessions.add(session);
    }

    boolean remove(Session session) {
        return sessions.remove(session);
    }

    void forEach(Consumer<Session> visitor) {
        sessions.forEach(session -> visit(session, visitor));
    }

    /** A timer that throws is not run again: one session's fault must not leave the others without. */
    private static void visit(Session session, Consumer<Session> visitor) {
        try {
            visitor.accept(session);
        } catch (RuntimeException failure) {
            session.node().log().failed(session, failure);
        }
    }

    /** Bytes that wait for the clients of this loop, as last measured. Any thread may ask. */
    long pendingBytes() {
        return pendingBytes;
    }

    /** A walk over all sessions in equal parts, over and over. */
    final class Round {

        private final int parts;
        private int cursor;

        Round(int parts) {
            this.parts = parts;
        }

        /** Visits the next part; whether that was the first of a round. */
        boolean next(Consumer<Session> visitor) {
            boolean first = cursor >= sessions.slots();
            int from = first ? 0 : cursor;
            cursor = from + (sessions.slots() + parts - 1) / parts;
            sessions.forEach(from, cursor, session -> visit(session, visitor));
            return first;
        }
    }

    /**
     * A walk over all sessions, some at a time: it visits all that stay, some twice perhaps. It goes from the last slot to the first, since
     * whatever is moved into the place of one that left comes from the end, where it has been already.
     */
    final class Walk {

        private int end = Integer.MAX_VALUE;

        /** Visits so many more; whether there are any left. */
        boolean next(int count, Consumer<Session> visitor) {
            int to = Math.min(end, sessions.slots());
            end = Math.max(0, to - count);
            sessions.forEach(end, to, session -> visit(session, visitor));
            return end > 0;
        }
    }

    /** Adds up, in parts, what waits for the clients. */
    final class Backlog implements Runnable {

        private final Round round;
        private long sum;
        private long part;

        Backlog(int parts) {
            round = new Round(parts);
        }

        @Override
        public void run() {
            part = 0;
            if (round.next(session -> part += session.pendingBytes())) {
                pendingBytes = sum;
                sum = 0;
            }
            sum += part;
        }
    }
}
