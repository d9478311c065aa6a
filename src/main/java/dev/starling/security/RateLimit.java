package dev.starling.security;

/**
 * A token bucket whose whole state is one number, so that each of very many can afford some: the generic cell rate algorithm.
 * The state is the time at which the bucket will be full again. The caller keeps it, and sees to it that one thread at a time changes it.
 *
 * @see <a href="https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm">Generic cell rate algorithm</a>
 */
public final class RateLimit {

    /** What {@link #take} returns instead of a state when there is no token. */
    public static final long REFUSED = -1;

    private static final RateLimit NONE = new RateLimit(0, 0);

    private final long tokenNanos;
    private final long bucketNanos;

    private RateLimit(long tokenNanos, long bucketNanos) {
        this.tokenNanos = tokenNanos;
        this.bucketNanos = bucketNanos;
    }

    /**
     * @param tokens how many tokens come back per period; 0 means no limit
     * @param periodNanos that period
     * @param burst how many tokens the bucket holds, at least 1
     */
    public static RateLimit of(int tokens, long periodNanos, int burst) {
        if (tokens == 0) {
            return NONE;
        }
        long tokenNanos = Math.max(1, periodNanos / tokens);
        return new RateLimit(tokenNanos, tokenNanos * Math.max(1, burst));
    }

    /**
     * Takes one token.
     *
     * @param state what the last successful call returned, at first 0
     * @param nowNanos a clock that does not go back, from 0
     * @return the new state, or {@link #REFUSED}: then the state stays as it was
     */
    public long take(long state, long nowNanos) {
        return take(state, nowNanos, 1);
    }

    /** The same for several tokens at once; never more than the bucket holds. */
    public long take(long state, long nowNanos, int tokens) {
        long full = Math.max(state, nowNanos) + tokens * tokenNanos;
        return full - nowNanos > bucketNanos ? REFUSED : full;
    }

    /** How long until a token is there, in milliseconds, at least 1. */
    public long retryAfterMillis(long state, long nowNanos) {
        return retryAfterMillis(state, nowNanos, 1);
    }

    /** The same for several tokens at once. */
    public long retryAfterMillis(long state, long nowNanos, int tokens) {
        long nanos = Math.max(state, nowNanos) + tokens * tokenNanos - nowNanos - bucketNanos;
        return Math.max(1, (nanos + 999_999) / 1_000_000);
    }
}
