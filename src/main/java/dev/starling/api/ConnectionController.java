package dev.starling.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.starling.broker.Refusal;
import dev.starling.security.VerifiedToken;
import dev.starling.websocket.ClosedConnection;
import dev.starling.websocket.OpenConnection;
import dev.starling.websocket.OpenConnections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;

/** Who is connected to any node, why somebody is no more, and that somebody shall be no more. For operators. */
@RestController
@RequestMapping("/api")
final class ConnectionController {

    private static final Logger log = LoggerFactory.getLogger(ConnectionController.class);
    private static final int LARGEST_PAGE = 1000;
    private static final int LONGEST_TEXT = 255;

    /** RFC 6455, section 7.4. */
    private static final int FIRST_CODE = 1000;

    private static final int LAST_CODE = 4999;

    private final FleetConnections connections;
    private final RefusedClients refused;

    ConnectionController(FleetConnections connections, RefusedClients refused) {
        this.connections = connections;
        this.refused = refused;
    }

    /**
     * What came of it.
     *
     * @param closed how many connections were ended; null, and absent in JSON, if somebody is refused from now on
     * @param refused who that is; null, and absent in JSON, for nobody
     * @param missing the nodes that did not answer: nobody was disconnected there
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Disconnected(@Nullable Long closed, RefusedClients.@Nullable Entry refused, List<MissingNode> missing) {}

    /**
     * The open connections.
     *
     * @param query a part of user, address or connection id, in upper or lower case
     * @param user whose they are
     * @param address where they come from
     * @param cursor as in the page before
     * @param limit how many items a page has at most, 1 to 1000
     */
    @GetMapping("/connections")
    Mono<FleetConnections.Page<OpenConnection>> connections(
            @RequestParam(defaultValue = "") String query,
            @RequestParam(required = false) @Nullable String user,
            @RequestParam(required = false) @Nullable String address,
            @RequestParam(defaultValue = "") String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        InvalidParameterException.check("cursor", cursor, LONGEST_TEXT);
        InvalidParameterException.check("limit", limit, 1, LARGEST_PAGE);
        return connections.open(search(query, user, address), cursor, limit);
    }

    /**
     * The connections that ended last.
     *
     * @param query as above, and so on
     * @param code the close code, 1000 to 4999; absent for all
     */
    @GetMapping("/closes")
    Mono<FleetConnections.Page<ClosedConnection>> closes(
            @RequestParam(defaultValue = "") String query,
            @RequestParam(required = false) @Nullable String user,
            @RequestParam(required = false) @Nullable String address,
            @RequestParam(required = false) @Nullable Integer code,
            @RequestParam(defaultValue = "") String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        InvalidParameterException.check("cursor", cursor, LONGEST_TEXT);
        InvalidParameterException.check("limit", limit, 1, LARGEST_PAGE);
        if (code != null) {
            InvalidParameterException.check("code", code, FIRST_CODE, LAST_CODE);
        }
        if (!cursor.isEmpty()) {
            CloseCursor.parse(cursor); // here rather than on each node
        }
        return connections.closed(search(query, user, address), code, cursor, limit);
    }

    private static OpenConnections.Search search(String query, @Nullable String user, @Nullable String address) {
        InvalidParameterException.check("query", query, LONGEST_TEXT);
        InvalidParameterException.check("user", user == null ? "" : user, LONGEST_TEXT);
        InvalidParameterException.check("address", address == null ? "" : address, LONGEST_TEXT);
        return new OpenConnections.Search(null, query, user, address);
    }

    /**
     * Ends one connection. Its client does not come back by itself.
     *
     * @param refuse {@code user} or {@code token}: who is refused until {@code until}; absent for nobody
     * @param until in milliseconds since 1970, within 30 days
     */
    @DeleteMapping("/connections/{connection}")
    Mono<Disconnected> disconnect(
            @PathVariable String connection,
            @RequestParam(required = false) @Nullable String refuse,
            @RequestParam(required = false) @Nullable Long until,
            @AuthenticationPrincipal VerifiedToken operator) {
        InvalidParameterException.check("connection", connection, LONGEST_TEXT);
        if ((refuse == null) != (until == null)) {
            throw new InvalidParameterException("refuse", "there if until is, and not else");
        }
        return until == null || refuse == null
                ? end(new OpenConnections.Target(connection, null, null), operator)
                        .flatMap(result -> isNobody(result) ? Mono.error(notFound()) : Mono.just(result))
                : refuse(connection, RefusedClients.kind(refuse), until, operator);
    }

    private static boolean isNobody(Disconnected result) {
        return Long.valueOf(0).equals(result.closed()) && result.missing().isEmpty();
    }

    private static ResponseStatusException notFound() {
        return new ResponseStatusException(HttpStatus.NOT_FOUND);
    }

    private Mono<Disconnected> refuse(String connection, Refusal.Kind kind, long until, VerifiedToken operator) {
        return connections.find(connection).flatMap(found -> {
            if (found.items().isEmpty()) {
                return Mono.error(notFound());
            }
            OpenConnection open = found.items().get(0);
            String name = kind == Refusal.Kind.USER ? open.user() : open.token();
            return name == null
                    ? Mono.error(
                            new InvalidParameterException("refuse", "user: the token of this connection has no jti"))
                    : refuse(kind, name, until, operator);
        });
    }

    /**
     * Ends all connections of a user.
     *
     * @param until when the user may come back, in milliseconds since 1970, within 30 days; absent if at any time
     */
    @DeleteMapping("/users/{user}/connections")
    Mono<Disconnected> disconnectUser(
            @PathVariable String user,
            @RequestParam(required = false) @Nullable Long until,
            @AuthenticationPrincipal VerifiedToken operator) {
        InvalidParameterException.check("user", user, LONGEST_TEXT);
        return until == null
                ? end(new OpenConnections.Target(null, user, null), operator)
                : refuse(Refusal.Kind.USER, user, until, operator);
    }

    private Mono<Disconnected> end(OpenConnections.Target target, VerifiedToken operator) {
        return connections.end(target).map(answer -> {
            long closed = answer.items().stream()
                    .mapToLong(FleetConnections.Ended::count)
                    .sum();
            log.atInfo()
                    .addKeyValue("operator", operator.user())
                    .addKeyValue("connection", target.connection())
                    .addKeyValue("user", target.user())
                    .addKeyValue("closed", closed)
                    .log("api.disconnected");
            return new Disconnected(closed, null, answer.missing());
        });
    }

    private Mono<Disconnected> refuse(Refusal.Kind kind, String name, long until, VerifiedToken operator) {
        return refused.refuse(kind, name, until, operator).map(entry -> new Disconnected(null, entry, List.of()));
    }
}
