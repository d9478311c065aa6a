package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A node that is configured wrongly does not start, and says why. */
class WrongPropertyIT {

    @Test
    void shortSecretStopsTheStartAndIsNotShown() {
        assertThat(ServerLaunch.bare("starling.security.jwt.secret=much-too-short-a-secret")
                        .startAndFail())
                .contains("starling.security.jwt.secret", "32")
                .doesNotContain("much-too-short-a-secret")
                .doesNotContain("\tat ");
    }

    @Test
    void valueOutsideItsRangeStopsTheStartWithPropertyValueAndRange() {
        assertThat(ServerLaunch.with("starling.limits.max-subscriptions=-1").startAndFail())
                .contains("starling.limits.max-subscriptions", "-1", "1000000")
                .doesNotContain("\tat ");
    }

    @Test
    void unknownBrokerStopsTheStart() {
        assertThat(ServerLaunch.with("starling.broker.type=pigeon").startAndFail())
                .contains("starling.broker.type", "pigeon")
                .containsIgnoringCase("memory")
                .doesNotContain("\tat ");
    }
}
