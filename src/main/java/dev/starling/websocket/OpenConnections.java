package dev.starling.websocket;

import dev.starling.protocol.CloseCode;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The open connections of this node, to be looked at and to be ended. Sessions belong to their event loops, so each loop looks at its own, and at so few
 * at a time that its clients do not notice. Thread-safe.
 */
public final class OpenConnections {

    private static final int TURN = 1000;

    private final SessionRegistry registry;

    OpenConnections(SessionRegistry registry) {
        this.registry = registry;
    }

    /**
     * The first connections in the order of their ids that are found. One that comes or goes meanwhile may be among them or not; all
     * others are, each once.
     *
     * @param after the id after which to begin, whether there is such a connection or not; empty begins with the first
     * @param limit how many at most, from 1
     */
    public Mono<List<OpenConnection>> list(ConnectionSearch search, String after, int limit) {
        return Flux.fromIterable(registry.loops())
                .flatMap(loop -> {
                    FirstFound first = new FirstFound(search, after, limit);
                    return walk(loop, first::look).thenReturn(first);
                })
                .flatMapIterable(FirstFound::connections)
                .sort(Comparator.comparing(OpenConnection::connection))
                .take(limit)
                .collectList();
    }

    /**
     * Ends connections as an operator wants it; how many it were. Those that are about to end anyway do not count. Of other
     * connections, the subscriptions end that stand by a token that is meant.
     *
     * @param code what their clients are told
     */
    public Mono<Long> close(ConnectionTarget target, CloseCode code) {
        return Flux.fromIterable(registry.loops())
                .flatMap(loop -> {
                    AtomicLong closed = new AtomicLong();
                    return walk(loop, session -> {
                                if (target.isMeant(session.id(), session.token()) && !session.isClosing()) {
                                    session.close(code);
                                    closed.incrementAndGet();
                                } else if (target.token() != null) {
                                    FrameDispatcher.endGrantedBy(session, target.token());
                                }
                            })
                            .thenReturn(closed);
                })
                .reduce(0L, (sum, closed) -> sum + closed.get());
    }

    private static Mono<Void> walk(LoopSessions sessions, Consumer<Session> visitor) {
        return Mono.create(end -> new LoopWalk(sessions, visitor, end).begin());
    }

    /** A walk over the sessions of one event loop. */
    private static final class LoopWalk implements Runnable {

        private final LoopSessions sessions;
        private final Consumer<Session> visitor;
        private final MonoSink<Void> end;
        private final LoopSessions.Walk walk;
        private volatile boolean isUnwanted;

        private LoopWalk(LoopSessions sessions, Consumer<Session> visitor, MonoSink<Void> end) {
            this.sessions = sessions;
            this.visitor = visitor;
            this.end = end;
            this.walk = sessions.new Walk();
        }

        private void begin() {
            end.onCancel(() -> isUnwanted = true);
            sessions.loop().execute(this);
        }

        @Override
        public void run() {
            if (isUnwanted) {
                return;
            }
            if (walk.next(TURN, visitor)) {
                sessions.loop().execute(this); // behind what came meanwhile
            } else {
                end.success();
            }
        }
    }

    /** The first of what is found on one event loop. */
    private static final class FirstFound {

        private final ConnectionSearch search;
        private final String after;
        private final int limit;
        private final TreeMap<String, OpenConnection> first = new TreeMap<>();

        private FirstFound(ConnectionSearch search, String after, int limit) {
            this.search = search;
            this.after = after;
            this.limit = limit;
        }

        private Collection<OpenConnection> connections() {
            return first.values();
        }

        private void look(Session session) {
            String id = session.id();
            if (id.compareTo(after) > 0
                    && (first.size() < limit || id.compareTo(first.lastKey()) < 0)
                    && search.finds(
                            id, session.token().user(), session.address().text())) {
                first.put(id, OpenConnection.of(session));
                if (first.size() > limit) {
                    first.pollLastEntry();
                }
            }
        }
    }
}
