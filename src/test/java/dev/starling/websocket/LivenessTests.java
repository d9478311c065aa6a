package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LivenessTests {

    private static final long INTERVAL = 30_000;
    private static final long TIMEOUT = 10_000;

    private final Liveness liveness = new Liveness(0, 20_000);

    @Test
    void theFirstPingGoesOutAtItsTimeAndOnce() {
        assertThat(pingAt(19_999)).isFalse();
        assertThat(pingAt(20_000)).isTrue();
        assertThat(pingAt(20_001)).isFalse();
    }

    @Test
    void aSilentClientThatAnswersIsPingedOncePerInterval() {
        pingAt(20_000);
        answerAt(20_100);

        assertThat(pingAt(49_999)).isFalse();
        assertThat(pingAt(50_000)).isTrue();
        assertThat(isDeadAt(50_000)).isFalse();
    }

    @Test
    void aClientThatWasHeardLatelyIsAskedAnIntervalAfterThat() {
        heardAt(10_000);

        assertThat(pingAt(20_000)).isFalse();
        assertThat(pingAt(39_999)).isFalse();
        assertThat(pingAt(40_000)).isTrue();
    }

    @Test
    void aBusyClientIsNeverPinged() {
        for (long now = 0; now < 300_000; now += 1_000) {
            heardAt(now);
            assertThat(pingAt(now)).isFalse();
            assertThat(isDeadAt(now)).isFalse();
        }
    }

    @Test
    void whoIsSilentForTheTimeoutAfterAPingIsDead() {
        assertThat(isDeadAt(19_000)).as("nobody asked yet").isFalse();
        pingAt(20_000);

        assertThat(isDeadAt(29_999)).isFalse();
        assertThat(isDeadAt(30_000)).isTrue();
    }

    @Test
    void anythingHeardSinceThePingIsASignOfLife() {
        pingAt(20_000);
        heardAt(20_001);

        assertThat(isDeadAt(35_000)).isFalse();
        assertThat(isDeadAt(1_000_000)).isFalse();
    }

    @Test
    void theTimeoutRunsFromTheFirstUnansweredPing() {
        Liveness slow = new Liveness(0, 100);
        assertThat(slow.ping(nanos(100), 100)).isTrue();
        assertThat(slow.ping(nanos(200), 100)).isTrue();
        assertThat(slow.ping(nanos(300), 100)).isTrue();

        assertThat(slow.isDead(nanos(349), 250)).isFalse();
        assertThat(slow.isDead(nanos(350), 250)).isTrue();
    }

    @Test
    void aPingAfterASignOfLifeBeginsAnew() {
        pingAt(20_000);
        heardAt(21_000); // no pong, but something

        assertThat(pingAt(51_000)).isTrue();
        assertThat(isDeadAt(60_999)).isFalse();
        assertThat(isDeadAt(61_000)).isTrue();
    }

    @Test
    void theRoundTripIsMeasuredOncePerPing() {
        assertThat(liveness.answered(nanos(1_000))).as("not asked").isNegative();
        pingAt(20_000);

        assertThat(liveness.answered(nanos(20_007))).isEqualTo(nanos(7));
        assertThat(liveness.answered(nanos(20_008))).as("answered already").isNegative();
    }

    @Test
    void theLastRoundTripIsRemembered() {
        assertThat(liveness.roundTripMillis()).as("never").isNull();
        pingAt(20_000);
        liveness.answered(nanos(20_007) + 250_000);
        assertThat(liveness.roundTripMillis()).isEqualTo(7.25);

        pingAt(60_000);
        assertThat(liveness.roundTripMillis()).as("not answered yet").isEqualTo(7.25);
        liveness.answered(nanos(60_000));
        assertThat(liveness.roundTripMillis()).as("shorter than can be told").isEqualTo(0.001);

        liveness.answered(nanos(70_000));
        assertThat(liveness.roundTripMillis())
                .as("a pong that nobody asked for")
                .isEqualTo(0.001);
    }

    private boolean pingAt(long millis) {
        return liveness.ping(nanos(millis), INTERVAL);
    }

    private boolean isDeadAt(long millis) {
        return liveness.isDead(nanos(millis), TIMEOUT);
    }

    private void heardAt(long millis) {
        liveness.heard(nanos(millis));
    }

    private void answerAt(long millis) {
        heardAt(millis);
        assertThat(liveness.answered(nanos(millis))).isNotNegative();
    }

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
