package dev.starling.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.starling.protocol.CloseCode;
import dev.starling.websocket.ClosedConnection;
import dev.starling.websocket.OpenConnection;
import dev.starling.websocket.OpenConnections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The connections of all nodes, those that are open and those that were. Thread-safe. */
final class FleetConnections {

    /** @param after the id after which to begin */
    record OpenSearch(OpenConnections.Search search, String after, int limit) {}

    /** Those that a node has, in the order of their ids. */
    record Open(List<OpenConnection> connections) {}

    /**
     * @param code the close code; null for all
     * @param before only those that {@link CloseCursor} has behind this; empty begins with the newest
     */
    record CloseSearch(
            OpenConnections.Search search, @Nullable Integer code, String before, int limit) {}

    /** Those that a node remembers, the newest first, and how many it has forgotten. */
    record Closed(List<ClosedConnection> connections, long forgotten) {}

    /** How many connections were ended. */
    record Ended(long count) {}

    /**
     * One page of connections.
     *
     * @param items in their order
     * @param cursor where the next page begins; null, and absent in JSON, on the last one
     * @param forgotten how many more there were that nobody remembers; null, and absent in JSON, where that can't be
     * @param missing the nodes that did not answer
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page<T>(
            List<T> items,
            @Nullable String cursor,
            @Nullable Long forgotten,
            List<MissingNode> missing) {}

    private static final Topic<OpenSearch, Open> OPEN = new Topic<>("connections", OpenSearch.class, Open.class);
    private static final Topic<CloseSearch, Closed> CLOSED = new Topic<>("closes", CloseSearch.class, Closed.class);
    private static final Topic<OpenConnections.Target, Ended> END =
            new Topic<>("end", OpenConnections.Target.class, Ended.class);

    private final Fleet fleet;
    private final RecentCloses closes;

    FleetConnections(Fleet fleet, OpenConnections connections, RecentCloses closes) {
        this.fleet = fleet;
        this.closes = closes;
        fleet.answer(
                OPEN,
                asked -> connections
                        .list(asked.search(), asked.after(), asked.limit())
                        .map(Open::new));
        // There may be very many of them.
        fleet.answer(CLOSED, asked -> Mono.fromSupplier(() -> find(asked)).subscribeOn(Schedulers.parallel()));
        fleet.answer(
                END,
                target ->
                        connections.close(target, CloseCode.CLOSED_BY_OPERATOR).map(Ended::new));
    }

    private Closed find(CloseSearch asked) {
        CloseCursor begin = asked.before().isEmpty() ? null : CloseCursor.parse(asked.before());
        return new Closed(
                closes.find(
                        closed -> (asked.code() == null || asked.code() == closed.code())
                                && (begin == null || begin.isBefore(closed))
                                && asked.search().finds(closed.connection(), closed.user(), closed.address()),
                        asked.limit()),
                closes.forgotten());
    }

    /** One page of the open connections. */
    Mono<Page<OpenConnection>> open(OpenConnections.Search search, String cursor, int limit) {
        return fleet.ask(OPEN, new OpenSearch(search, cursor, limit + 1))
                .map(answer -> page(
                        answer.items().stream().flatMap(open -> open.connections().stream()),
                        Comparator.comparing(OpenConnection::connection),
                        OpenConnection::connection,
                        limit,
                        null,
                        answer.missing()));
    }

    /** One page of those that have ended, the newest first. */
    Mono<Page<ClosedConnection>> closed(
            OpenConnections.Search search, @Nullable Integer code, String cursor, int limit) {
        return fleet.ask(CLOSED, new CloseSearch(search, code, cursor, limit + 1))
                .map(answer -> page(
                        answer.items().stream().flatMap(closed -> closed.connections().stream()),
                        CloseCursor.NEWEST_FIRST,
                        closed -> CloseCursor.of(closed).text(),
                        limit,
                        answer.items().stream().mapToLong(Closed::forgotten).sum(),
                        answer.missing()));
    }

    private static <T> Page<T> page(
            Stream<T> all,
            Comparator<T> order,
            Function<T, String> cursor,
            int limit,
            @Nullable Long forgotten,
            List<MissingNode> missing) {
        List<T> found = all.sorted(order).limit(limit + 1L).toList();
        return found.size() <= limit
                ? new Page<>(found, null, forgotten, missing)
                : new Page<>(found.subList(0, limit), cursor.apply(found.get(limit - 1)), forgotten, missing);
    }

    /** The connection of this id, if there is one. */
    Mono<FleetAnswer<OpenConnection>> find(String connection) {
        return fleet.ask(OPEN, new OpenSearch(new OpenConnections.Search(connection, "", null, null), "", 1))
                .map(answer -> new FleetAnswer<>(
                        answer.items().stream()
                                .flatMap(open -> open.connections().stream())
                                .toList(),
                        answer.missing()));
    }

    /** Ends connections. */
    Mono<FleetAnswer<Ended>> end(OpenConnections.Target target) {
        return fleet.ask(END, target);
    }
}
