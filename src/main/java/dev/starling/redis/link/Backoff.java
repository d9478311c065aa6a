package dev.starling.redis.link;

import java.time.Duration;
import java.util.function.LongUnaryOperator;

/**
 * How long to wait before the next attempt: any time up to a bound that doubles from 50 ms to 1 s ("full jitter"), so
 * that the nodes that lost Redis together do not come back together. Not thread-safe.
 */
final class Backoff {

    private static final long FIRST_MILLIS = 50;
    /** The most. */
    static final Duration LONGEST = Duration.ofSeconds(1);

    private final LongUnaryOperator random;
    private int failures;

    /** @param random gives a number from 0 to below its argument */
    Backoff(LongUnaryOperator random) {
        this.random = random;
    }

    /** At least 1 ms, so that no number of failures makes a tight loop. */
    long nextMillis() {
        long bound = Math.min(LONGEST.toMillis(), FIRST_MILLIS << Math.min(failures++, 10));
        return 1 + random.applyAsLong(bound);
    }

    /** The last attempt was a success. */
    void reset() {
        failures = 0;
    }
}
