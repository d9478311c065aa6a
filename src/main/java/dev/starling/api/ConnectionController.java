package dev.starling.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.starling.websocket.ClosedConnection;
import dev.starling.websocket.ConnectionSearch;
import dev.starling.websocket.OpenConnection;
import dev.starling.websocket.OpenConnections;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Who is connected to this node, and why somebody is no more. For operators. */
@RestController
@RequestMapping("/api")
final class ConnectionController {

    private static final int LARGEST_PAGE = 1000;
    private static final int LONGEST_TEXT = 255;

    /** RFC 6455, section 7.4. */
    private static final int FIRST_CODE = 1000;

    private static final int LAST_CODE = 4999;

    private final OpenConnections connections;
    private final RecentCloses closes;

    ConnectionController(OpenConnections connections, RecentCloses closes) {
        this.connections = connections;
        this.closes = closes;
    }

    /**
     * One page of the open connections.
     *
     * @param items in the order of their ids
     * @param cursor where the next page begins; null, and absent in JSON, on the last one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ConnectionPage(
            List<OpenConnection> items, @Nullable String cursor) {

        /** @param found one more than a page has if there is another page */
        private static ConnectionPage of(List<OpenConnection> found, int size) {
            return found.size() <= size
                    ? new ConnectionPage(found, null)
                    : new ConnectionPage(
                            found.subList(0, size), found.get(size - 1).connection());
        }
    }

    /**
     * Connections that have ended.
     *
     * @param items the newest first
     * @param forgotten how many ended since the start of the node that it does not remember any more
     */
    record ClosePage(List<ClosedConnection> items, long forgotten) {}

    /**
     * The open connections.
     *
     * @param query a part of user, address or connection id, in upper or lower case
     * @param cursor as in the page before
     * @param limit how many items a page has at most, 1 to 1000
     */
    @GetMapping("/connections")
    Mono<ConnectionPage> connections(
            @RequestParam(defaultValue = "") String query,
            @RequestParam(defaultValue = "") String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        InvalidParameterException.check("query", query, LONGEST_TEXT);
        InvalidParameterException.check("cursor", cursor, LONGEST_TEXT);
        InvalidParameterException.check("limit", limit, 1, LARGEST_PAGE);
        return connections
                .list(new ConnectionSearch(query), cursor, limit + 1)
                .map(found -> ConnectionPage.of(found, limit));
    }

    /**
     * The connections that ended last.
     *
     * @param query as above
     * @param code the close code, 1000 to 4999; absent for all
     * @param limit how many at most, 1 to 1000
     */
    @GetMapping("/closes")
    Mono<ClosePage> closes(
            @RequestParam(defaultValue = "") String query,
            @RequestParam(required = false) @Nullable Integer code,
            @RequestParam(defaultValue = "50") int limit) {
        InvalidParameterException.check("query", query, LONGEST_TEXT);
        InvalidParameterException.check("limit", limit, 1, LARGEST_PAGE);
        if (code != null) {
            InvalidParameterException.check("code", code, FIRST_CODE, LAST_CODE);
        }
        Predicate<ClosedConnection> wanted = wanted(new ConnectionSearch(query), code);
        return Mono.fromSupplier(() -> new ClosePage(closes.find(wanted, limit), closes.forgotten()))
                .subscribeOn(Schedulers.parallel()); // there may be very many of them
    }

    private static Predicate<ClosedConnection> wanted(ConnectionSearch search, @Nullable Integer code) {
        return closed -> (code == null || code == closed.code())
                && search.finds(closed.connection(), closed.user(), closed.address());
    }
}
