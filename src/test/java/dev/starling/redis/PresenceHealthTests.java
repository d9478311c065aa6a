package dev.starling.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PresenceHealthTests {

    private final PresenceHealth health = new PresenceHealth();

    @Test
    void withoutAFaultWhatLooksExpiredIs() {
        assertThat(health.mayExpire()).isTrue();
        health.roundOver();
        assertThat(health.mayExpire()).isTrue();
    }

    @Test
    void afterAFaultEveryNodeHasItsTimeForTwoWholeRounds() {
        health.failed(new IllegalStateException("down"));
        assertThat(health.mayExpire()).isFalse();

        health.roundOver(); // the one of the fault
        health.roundOver();
        assertThat(health.mayExpire()).isFalse();

        health.roundOver();
        assertThat(health.mayExpire()).isTrue();
    }

    @Test
    void aFaultInBetweenBeginsItAnew() {
        health.failed(new IllegalStateException("down"));
        health.roundOver();
        health.roundOver();
        health.failed(new IllegalStateException("down"));
        health.roundOver();
        health.roundOver();

        assertThat(health.mayExpire()).isFalse();
        health.roundOver();
        assertThat(health.mayExpire()).isTrue();
    }
}
