package dev.starling.protocol;

import java.util.Locale;

/** Why one request failed; the connection stays open. The numbers are part of the protocol. */
public enum ErrorCode {
    /** Not JSON, no object, a field missing or of the wrong type, or a field twice. */
    MALFORMED(100, false),
    /** No {@code type}, or one that the server does not know or serve. */
    UNKNOWN_TYPE(101, false),
    /** No channel, or a name that is empty, too long or has a forbidden character. */
    INVALID_CHANNEL(102, false),
    /** The connection has no such subscription. */
    NOT_SUBSCRIBED(103, false),
    /** Neither the rules of the channel nor the token allow it. */
    FORBIDDEN(105, false),
    /** The connection has as many subscriptions as it may have. */
    TOO_MANY_SUBSCRIPTIONS(106, false),
    /** Too many messages per second; the frame says how long to wait. */
    RATE_LIMITED(107, true),
    /** A field is longer than it may be. */
    TOO_LARGE(108, false),
    /** The broker does not take it now. */
    BROKER_UNAVAILABLE(109, true),
    /** The history does not reach back to this position. */
    UNRECOVERABLE_POSITION(110, false),
    /** A fault of the server, logged there. */
    INTERNAL(111, true),
    /** The token of a {@code refresh} or a {@code subscribe} is not valid for this connection. */
    INVALID_TOKEN(112, false);

    private final int code;
    private final boolean retry;
    private final String text = name().toLowerCase(Locale.ROOT);

    ErrorCode(int code, boolean retry) {
        this.code = code;
        this.retry = retry;
    }

    /** The number on the wire. */
    public int code() {
        return code;
    }

    /** Whether the same request may succeed later. */
    public boolean retry() {
        return retry;
    }

    /** The name on the wire and in metrics, such as {@code rate_limited}. */
    public String text() {
        return text;
    }
}
