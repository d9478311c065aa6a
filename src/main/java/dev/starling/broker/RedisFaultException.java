package dev.starling.broker;

/** A fault of Redis that this node found by itself; expected, hence without a stack trace. */
final class RedisFaultException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final RedisFault fault;

    RedisFaultException(RedisFault fault, String message) {
        super(message, null, false, false);
        this.fault = fault;
    }

    RedisFault fault() {
        return fault;
    }
}
