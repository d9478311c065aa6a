package dev.starling.security;

import java.time.Duration;

/**
 * How long a token is good: until a while after its expiry, since clocks differ and a new one takes time to fetch, and if there is a
 * bound, only if its expiry is near enough.
 *
 * @param grace how long after its expiry a token still is good
 * @param longest how far in the future its expiry may be; zero = any time, or never
 */
record TokenLife(Duration grace, Duration longest) {

    /** Clocks may differ by this much. */
    private static final Duration SKEW = Duration.ofMinutes(1);

    /** @throws InvalidTokenException if the token is not good, or good for too long */
    void check(VerifiedToken token, long nowEpochMillis) {
        if (token.isOver(nowEpochMillis, grace)) {
            throw new InvalidTokenException("the token expired");
        }
        long expiry = token.expiresAtEpochMillis();
        if (!longest.isZero()
                && (expiry == 0 || expiry - nowEpochMillis > longest.plus(SKEW).toMillis())) {
            throw new InvalidTokenException(
                    "the claim exp must be there, and at most " + longest.toSeconds() + " s away");
        }
    }
}
