package dev.starling.redis;

/** An error that Redis itself answered, such as {@code NOAUTH Authentication required.} */
public final class RedisErrorReply extends RuntimeException {

    RedisErrorReply(String message) {
        super(message);
    }
}
