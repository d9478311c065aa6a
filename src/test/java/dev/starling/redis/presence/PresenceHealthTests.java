package dev.starling.redis.presence;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PresenceHealthTests {

    private final PresenceHealth health = new PresenceHealth();

    @Test
    void withoutAFaultWhatLooksExpiredIs() {
        assertThat(health.mayExpire()).isTrue();
        health.roundOver(false);
        assertThat(health.mayExpire()).isTrue();
    }

    @Test
    void afterAFaultEveryNodeHasItsTimeForTwoWholeRounds() {
        health.failed(new IllegalStateException("down"));
        assertThat(health.mayExpire()).isFalse();

        health.roundOver(false); // the one of the fault
        health.roundOver(false);
        assertThat(health.mayExpire()).isFalse();

        health.roundOver(false);
        assertThat(health.mayExpire()).isTrue();
    }

    @Test
    void aFaultInBetweenBeginsItAnew() {
        health.failed(new IllegalStateException("down"));
        health.roundOver(false);
        health.roundOver(false);
        health.failed(new IllegalStateException("down"));
        health.roundOver(false);
        health.roundOver(false);

        assertThat(health.mayExpire()).isFalse();
        health.roundOver(false);
        assertThat(health.mayExpire()).isTrue();
    }
}
