package dev.starling.redis;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;

/** The answer to who asked for what Redis can't do now. */
final class RedisRefusal {

    private RedisRefusal() {}

    /** A {@link RefusedException}, or the failure itself if it should not happen: a fault of ours, or foreign data in our keys. */
    static Throwable of(Throwable failure) {
        if (failure instanceof RefusedException) {
            return failure;
        }
        RedisFault fault = RedisFault.of(failure);
        return fault == RedisFault.OTHER ? failure : new RefusedException(ErrorCode.BROKER_UNAVAILABLE, message(fault));
    }

    /** For anybody: no address, no user. */
    private static String message(RedisFault fault) {
        return switch (fault) {
            case UNREACHABLE, DISCONNECTED -> "there is no connection to Redis";
            case TIMEOUT -> "Redis gave no answer in time";
            case NOT_DELIVERING -> "Redis does not deliver";
            case AUTH_REFUSED, NOT_PERMITTED -> "Redis refuses this node";
            case READ_ONLY -> "Redis is read-only";
            case OUT_OF_MEMORY -> "Redis is out of memory";
            case NOT_PERSISTING -> "Redis can't save what it is given";
            case LOADING -> "Redis is loading its data";
            case BUSY -> "Redis is busy with a script";
            case CLUSTER_DOWN -> "the Redis Cluster can't serve this channel now";
            case TOO_OLD -> "this Redis is too old";
            case NOT_REDIS, TLS_REFUSED -> "what should be Redis does not answer as one";
            case QUEUE_FULL -> "too many requests wait for Redis";
            case OTHER -> "Redis has failed";
        };
    }
}
