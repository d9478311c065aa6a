package dev.starling.security;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * Why an upgrade was refused, while it was still plain HTTP. The status tells the client what to do: 400 = mend the request, 401 = get a new token, 403 = stop,
 * 429 and 503 = come back after {@code Retry-After}, with 503 preferably to another node.
 */
public enum UpgradeRefusal {
    /** The request has several tokens that differ. */
    SEVERAL_TOKENS(HttpStatus.BAD_REQUEST, "The request has several tokens", 0),
    /** The request breaks a rule of the WebSocket handshake. */
    BAD_HANDSHAKE(HttpStatus.BAD_REQUEST, "This is no WebSocket handshake", 0),
    /** The request has no token. */
    NO_TOKEN(HttpStatus.UNAUTHORIZED, "A token is required", 0),
    /** The token is malformed, badly signed, expired or not for this server. */
    INVALID_TOKEN(HttpStatus.UNAUTHORIZED, "The token is not valid", 0),
    /** A page of this origin may not connect. */
    ORIGIN(HttpStatus.FORBIDDEN, "Pages of this origin may not connect", 0),
    /** The client's address has as many connections as it may have. */
    ADDRESS_LIMIT(HttpStatus.TOO_MANY_REQUESTS, "Too many connections from this address", 10),
    /** The user has as many connections as they may have. */
    USER_LIMIT(HttpStatus.TOO_MANY_REQUESTS, "Too many connections of this user", 10),
    /** The node has as many connections as it may have. */
    NODE_FULL(HttpStatus.SERVICE_UNAVAILABLE, "This node is full", 5),
    /** The node accepted as many connections as it may in this second. */
    CONNECT_RATE(HttpStatus.SERVICE_UNAVAILABLE, "Too many new connections at once", 1),
    /** The request has waited for too long, since the node has more to do than it can. */
    OVERLOADED(HttpStatus.SERVICE_UNAVAILABLE, "This node is overloaded", 2),
    /** The node is about to stop. */
    DRAINING(HttpStatus.SERVICE_UNAVAILABLE, "This node is shutting down", 1),
    /** The keys of the tokens' issuer cannot be fetched now, so that no token can be verified. */
    NOT_READY(HttpStatus.SERVICE_UNAVAILABLE, "This node is not ready", 2);

    private final HttpStatus status;
    private final String title;
    private final int retryAfterSeconds;
    private final String tag = name().toLowerCase(Locale.ROOT);

    UpgradeRefusal(HttpStatus status, String title, int retryAfterSeconds) {
        this.status = status;
        this.title = title;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** The status of the response. */
    public HttpStatus status() {
        return status;
    }

    /** The reason in metrics, and the {@code code} of the response's body, such as {@code no_token}. */
    public String tag() {
        return tag;
    }

    /** How long the client should wait at least, in seconds; 0 = waiting does not help. */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }

    /** @param detail more for people, JSON-safe or not; null = nothing to add */
    Problem problem(@Nullable String detail) {
        return new Problem(status, title, detail, tag);
    }
}
