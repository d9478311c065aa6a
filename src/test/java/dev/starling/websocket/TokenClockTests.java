package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.security.VerifiedToken;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class TokenClockTests {

    private static final long HOUR = Duration.ofHours(1).toMillis();

    private final TokenClock clock = new TokenClock(Duration.ofSeconds(25));

    @Test
    void theRefreshIsAtARandomPointBeforeTheEnd() {
        VerifiedToken token = token(System.currentTimeMillis() + HOUR);
        Set<Long> refreshes = new HashSet<>();

        for (int i = 0; i < 1_000; i++) {
            TokenClock.Times times = clock.times(token);
            long expires = Objects.requireNonNull(times.expiresInMillis());
            long refresh = Objects.requireNonNull(times.refreshInMillis());
            assertThat(expires).isBetween(HOUR - 60_000, HOUR);
            assertThat((double) refresh / expires).isBetween(0.7499, 0.9);
            refreshes.add(refresh);
        }

        assertThat(refreshes).hasSizeGreaterThan(900);
    }

    @Test
    void aTokenWithoutEndHasNoTimes() {
        assertThat(clock.times(token(0))).isEqualTo(new TokenClock.Times(null, null));
        assertThat(clock.isOver(token(0), Long.MAX_VALUE)).isFalse();
    }

    @Test
    void aTokenNearItsEndIsToBeRefreshedInASecond() {
        for (long left : List.of(-600_000L, -1L, 0L, 1L, 500L, 1_000L, 1_100L)) {
            TokenClock.Times times = clock.times(token(System.currentTimeMillis() + left));
            assertThat(times.refreshInMillis()).as("%s ms left", left).isEqualTo(1_000L);
        }
        assertThat(clock.times(token(System.currentTimeMillis() - 1_000))).isEqualTo(new TokenClock.Times(0L, 1_000L));
    }

    @Test
    void aConnectionOutlivesItsTokenByTheGrace() {
        VerifiedToken token = token(1_000_000);

        assertThat(clock.isOver(token, 1_000_000)).isFalse();
        assertThat(clock.isOver(token, 1_024_999)).isFalse();
        assertThat(clock.isOver(token, 1_025_000)).isTrue();
    }

    @Test
    void withoutAGraceItEndsWithTheToken() {
        TokenClock strict = new TokenClock(Duration.ZERO);

        assertThat(strict.isOver(token(1_000_000), 999_999)).isFalse();
        assertThat(strict.isOver(token(1_000_000), 1_000_000)).isTrue();
    }

    private static VerifiedToken token(long expiresAtEpochMillis) {
        return new VerifiedToken("ann", null, expiresAtEpochMillis, List.of(), List.of());
    }
}
