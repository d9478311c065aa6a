package dev.starling.redis.link;

import io.lettuce.core.RedisException;

/** A fault of Redis that this node found by itself; expected, hence without a stack trace. */
final class RedisFaultException extends RedisException {

    private static final long serialVersionUID = 1L;

    private final RedisFault fault;

    RedisFaultException(RedisFault fault, String message) {
        super(message);
        this.fault = fault;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }

    RedisFault fault() {
        return fault;
    }
}
