package dev.starling.websocket;

import dev.starling.security.LimitsProperties;
import dev.starling.security.RateLimit;
import java.util.concurrent.TimeUnit;

/**
 * How often one session may do what.
 *
 * @param messages frames sent to us
 * @param violations frames over that rate, before the connection is closed with 4003
 * @param malformed frames that could not be understood, before the connection is closed with 4502
 */
record SessionRates(RateLimit messages, RateLimit violations, RateLimit malformed) {

    static SessionRates of(LimitsProperties limits) {
        return new SessionRates(
                RateLimit.of(limits.messageRate(), TimeUnit.SECONDS.toNanos(1), limits.messageBurst()),
                perMinute(limits.maxRateViolations()),
                perMinute(limits.maxMalformed()));
    }

    private static RateLimit perMinute(int count) {
        return RateLimit.of(count, TimeUnit.MINUTES.toNanos(1), count);
    }
}
