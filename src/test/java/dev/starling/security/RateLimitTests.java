package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RateLimitTests {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private long state;

    @Test
    void aBurstPassesAtOnceAndNoMore() {
        RateLimit limit = RateLimit.of(10, SECOND, 5);

        for (int i = 0; i < 5; i++) {
            assertThat(take(limit, 0)).isTrue();
        }
        assertThat(take(limit, 0)).isFalse();
    }

    @Test
    void tokensComeBackOneByOne() {
        RateLimit limit = RateLimit.of(10, SECOND, 5);
        drain(limit, 0);

        assertThat(take(limit, 100 * MILLI - 1)).isFalse();
        assertThat(take(limit, 100 * MILLI)).isTrue();
        assertThat(take(limit, 100 * MILLI)).isFalse();
        assertThat(take(limit, 300 * MILLI)).isTrue();
        assertThat(take(limit, 300 * MILLI)).isTrue();
        assertThat(take(limit, 300 * MILLI)).isFalse();
    }

    @Test
    void theBucketDoesNotFillPastItsBurst() {
        RateLimit limit = RateLimit.of(10, SECOND, 5);

        assertThat(drain(limit, 3600 * SECOND)).isEqualTo(5);
        assertThat(drain(limit, 7200 * SECOND)).isEqualTo(5);
    }

    @Test
    void aRefusalCostsNothing() {
        RateLimit limit = RateLimit.of(1, SECOND, 1);
        drain(limit, 0);

        for (int i = 0; i < 1_000; i++) {
            assertThat(take(limit, SECOND / 2)).isFalse();
        }

        assertThat(take(limit, SECOND)).isTrue();
    }

    @Test
    void zeroMeansNoLimit() {
        RateLimit limit = RateLimit.of(0, SECOND, 1);

        for (int i = 0; i < 10_000; i++) {
            assertThat(take(limit, i / 100)).isTrue();
        }
    }

    @Test
    void aBurstIsAtLeastOneOrNothingWouldEverPass() {
        RateLimit limit = RateLimit.of(10, SECOND, 0);

        assertThat(drain(limit, 0)).isEqualTo(1);
    }

    @Test
    void whoWaitsAsLongAsToldGetsAToken() {
        RateLimit limit = RateLimit.of(3, SECOND, 2); // 333 333 333 ns each: no whole number of milliseconds
        drain(limit, 0);

        long wait = limit.retryAfterMillis(state, 0);

        assertThat(wait).isEqualTo(334);
        assertThat(take(limit, (wait - 1) * MILLI)).isFalse();
        assertThat(take(limit, wait * MILLI)).isTrue();
    }

    @Test
    void theWaitIsNeverZero() {
        RateLimit limit = RateLimit.of(1_000_000, SECOND, 1);
        drain(limit, 0);

        assertThat(limit.retryAfterMillis(state, 0)).isEqualTo(1);
        assertThat(limit.retryAfterMillis(state, SECOND)).isEqualTo(1);
    }

    /** Over any window, not more than the burst and what comes back in it. */
    @ParameterizedTest
    @CsvSource({"1, 100, 200", "2, 1, 1", "3, 1000, 1", "4, 7, 3", "5, 1000000, 50", "6, 3, 1000"})
    void overAnyWindowNoMorePassesThanTheRateAllows(long seed, int rate, int burst) {
        RateLimit limit = RateLimit.of(rate, SECOND, burst);
        Random random = new Random(seed);
        List<Long> passed = new ArrayList<>();
        long now = 0;
        for (int i = 0; i < 5_000; i++) {
            if (take(limit, now)) {
                passed.add(now);
            } else {
                long wait = limit.retryAfterMillis(state, now);
                assertThat(limit.take(state, now + wait * MILLI)).isNotEqualTo(RateLimit.REFUSED);
            }
            now += random.nextInt(10) == 0 ? random.nextLong(3 * SECOND) : random.nextLong(SECOND / rate + 1);
        }

        long tokenNanos = SECOND / rate;
        for (int from = 0; from < passed.size(); from += 7) {
            for (int to = from; to < passed.size(); to += 3) {
                long allowed = burst + (passed.get(to) - passed.get(from)) / tokenNanos;
                assertThat((long) to - from + 1).isLessThanOrEqualTo(allowed);
            }
        }
        assertThat(passed).isNotEmpty();
    }

    private boolean take(RateLimit limit, long now) {
        long next = limit.take(state, now);
        if (next == RateLimit.REFUSED) {
            return false;
        }
        state = next;
        return true;
    }

    private int drain(RateLimit limit, long now) {
        int taken = 0;
        while (take(limit, now)) {
            taken++;
        }
        return taken;
    }
}
