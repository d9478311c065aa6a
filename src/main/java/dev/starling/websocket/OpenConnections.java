package dev.starling.websocket;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The open connections of this node, to be looked at. Sessions belong to their event loops, so each loop looks at its own, and at so few
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
                .flatMap(loop -> Mono.<Collection<OpenConnection>>create(
                        found -> new LoopSearch(loop, search, after, limit, found).begin()))
                .flatMapIterable(found -> found)
                .sort(Comparator.comparing(OpenConnection::connection))
                .take(limit)
                .collectList();
    }

    /** The search on one event loop. */
    private static final class LoopSearch implements Runnable {

        private final LoopSessions sessions;
        private final ConnectionSearch search;
        private final String after;
        private final int limit;
        private final MonoSink<Collection<OpenConnection>> result;
        private final TreeMap<String, OpenConnection> first = new TreeMap<>();
        private final LoopSessions.Walk walk;
        private volatile boolean isUnwanted;

        private LoopSearch(
                LoopSessions sessions,
                ConnectionSearch search,
                String after,
                int limit,
                MonoSink<Collection<OpenConnection>> result) {
            this.sessions = sessions;
            this.search = search;
            this.after = after;
            this.limit = limit;
            this.result = result;
            this.walk = sessions.new Walk();
        }

        private void begin() {
            result.onCancel(() -> isUnwanted = true);
            sessions.loop().execute(this);
        }

        @Override
        public void run() {
            if (isUnwanted) {
                return;
            }
            if (walk.next(TURN, this::look)) {
                sessions.loop().execute(this); // behind what came meanwhile
            } else {
                result.success(first.values());
            }
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
