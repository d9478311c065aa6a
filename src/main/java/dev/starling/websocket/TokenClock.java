package dev.starling.websocket;

import dev.starling.security.VerifiedToken;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * When tokens end, and when their clients should fetch the next: at a random point of the last quarter but the last tenth of
 * their life, so that those who came at the same time do not also come back at the same time. Never in less than a second: a client
 * that brings the same token each time would otherwise be asked for the next one sooner and sooner.
 *
 * @param grace how long a connection outlives its token
 */
record TokenClock(Duration grace) {

    private static final double EARLIEST = 0.75;
    private static final double LATEST = 0.9;
    private static final long LEAST_REFRESH_MILLIS = 1000;

    /** Milliseconds from now; null for a token that does not expire. */
    record Times(@Nullable Long expiresInMillis, @Nullable Long refreshInMillis) {}

    Times times(VerifiedToken token) {
        if (token.expiresAtEpochMillis() == 0) {
            return new Times(null, null);
        }
        long left = Math.max(0, token.expiresAtEpochMillis() - System.currentTimeMillis());
        double share = ThreadLocalRandom.current().nextDouble(EARLIEST, LATEST);
        return new Times(left, Math.max(LEAST_REFRESH_MILLIS, (long) (left * share)));
    }

    /** Whether a connection with this token has to end. */
    boolean isOver(VerifiedToken token, long nowEpochMillis) {
        return token.isOver(nowEpochMillis, grace);
    }
}
