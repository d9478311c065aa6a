package dev.starling.protocol;

/**
 * Why a connection ended. The number alone tells the client whether to come back: 4000 to 4499 yes, 4500 to 4999 no.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.4">RFC 6455, section 7.4</a>
 */
public enum CloseCode {
    /** The client is done. */
    NORMAL(1000, "normal", false),
    /** The node goes away; {@code goaway} said when to come back. */
    GOING_AWAY(1001, "Server shutting down", true),
    /** The bytes are no WebSocket. */
    PROTOCOL_ERROR(1002, "protocol error", false),
    /** Binary frames have no meaning here. */
    UNSUPPORTED_DATA(1003, "binary frames are not accepted", false),
    /** A text frame that is not UTF-8. */
    INVALID_TEXT(1007, "text is not valid UTF-8", false),
    /** A message over the size limit. */
    MESSAGE_TOO_BIG(1009, "message too big", false),
    /** The server failed; it is logged there. */
    INTERNAL_ERROR(1011, "internal error", true),
    /** The client reads more slowly than its channels speak. */
    SLOW_CONSUMER(4001, "slow_consumer", true),
    /** The client was silent; used when a close frame can still be sent. */
    HEARTBEAT_TIMEOUT(4002, "heartbeat_timeout", true),
    /** The client kept sending over its rate. */
    RATE_LIMITED(4003, "rate_limited", true),
    /** The client should go to another node. */
    REBALANCE(4004, "rebalance", true),
    /** The node can't tell what the client missed. */
    INSUFFICIENT_STATE(4005, "insufficient_state", true),
    /** The token expired and was not refreshed. */
    TOKEN_EXPIRED(4006, "token_expired", true),
    /** The user or the token was refused. */
    REVOKED(4501, "revoked", false),
    /** The client kept sending malformed frames. */
    TOO_MANY_ERRORS(4502, "too_many_errors", false),
    /** An operator ended the connection. */
    CLOSED_BY_OPERATOR(4503, "closed_by_operator", false);

    private final int code;
    private final String reason;
    private final boolean reconnect;

    CloseCode(int code, String reason, boolean reconnect) {
        this.code = code;
        this.reason = reason;
        this.reconnect = reconnect;
    }

    /** The number on the wire. */
    public int code() {
        return code;
    }

    /** The text on the wire. */
    public String reason() {
        return reason;
    }

    /** Whether the client should come back. */
    public boolean reconnect() {
        return reconnect;
    }
}
