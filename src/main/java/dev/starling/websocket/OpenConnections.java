package dev.starling.websocket;

import dev.starling.protocol.CloseCode;
import dev.starling.security.VerifiedToken;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
    public Mono<List<OpenConnection>> list(Search search, String after, int limit) {
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
    public Mono<Long> close(Target target, CloseCode code) {
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

        private final Search search;
        private final String after;
        private final int limit;
        private final TreeMap<String, OpenConnection> first = new TreeMap<>();

        private FirstFound(Search search, String after, int limit) {
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

    /**
     * Finds connections: those to which all of this applies.
     *
     * @param connection the id of the one that is looked for; null finds all
     * @param part what the connection's id, its user or its address has in it, in upper or lower case; empty finds all
     * @param user whose they are; null finds all
     * @param address where they come from; null finds all
     */
    public record Search(
            @Nullable String connection,
            String part,
            @Nullable String user,
            @Nullable String address) {

        /** Whether this is one of those that are searched for. */
        public boolean finds(String connection, String user, String address) {
            return (this.connection == null || this.connection.equals(connection))
                    && (this.user == null || this.user.equals(user))
                    && (this.address == null || this.address.equals(address))
                    && (isIn(user) || isIn(address) || isIn(connection));
        }

        private boolean isIn(String text) {
            int last = text.length() - part.length();
            for (int i = 0; i <= last; i++) {
                if (text.regionMatches(true, i, part, 0, part.length())) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * Which connections are meant: all to which one of these applies.
     *
     * @param connection the one of this id; null = none
     * @param user those of this user; null = nobody's
     * @param token those whose token has this id (claim {@code jti}); null = none
     */
    public record Target(
            @Nullable String connection,
            @Nullable String user,
            @Nullable String token) {

        boolean isMeant(String id, VerifiedToken verified) {
            return id.equals(connection)
                    || verified.user().equals(user)
                    || (token != null && token.equals(verified.id()));
        }
    }
}
