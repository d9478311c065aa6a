package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

final class PresenceTimesTests {

    @Test
    void aNodeIsBelievedForAMinuteByDefault() {
        PresenceTimes defaults =
                Binder.get(new MockEnvironment()).bindOrCreate("starling.presence", PresenceTimes.class);

        assertThat(defaults.ttl()).isEqualTo(Duration.ofMinutes(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT5S", "PT1H"})
    void theTimeToLiveHasARange(Duration ttl) {
        assertThat(new PresenceTimes(ttl).ttl()).isEqualTo(ttl);
    }

    @ParameterizedTest
    @CsvSource({"PT0S, 0s", "PT4.999S, 4999ms", "PT1H0.001S, 3600001ms"})
    void anotherTimeToLiveIsRefusedWithPropertyValueAndRange(Duration ttl, String shown) {
        assertThatThrownBy(() -> new PresenceTimes(ttl))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("starling.presence.ttl is " + shown + ", but must be between 5s and 1h");
    }
}
