package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

final class PresencePropertiesTests {

    @Test
    void membersOfANodeThatDiedAreGoneAfterAMinute() {
        assertThat(Binder.get(new MockEnvironment()).bindOrCreate("starling.presence", PresenceProperties.class))
                .isEqualTo(new PresenceProperties(Duration.ofMinutes(1), 1000, 100));
    }

    @ParameterizedTest
    @CsvSource({
        "ttl, 5s",
        "ttl, 1h",
        "max-members, 0",
        "max-members, 5000",
        "max-changes-per-second, 1",
        "max-changes-per-second, 100000"
    })
    void valuesAtTheEdgeAreAllowed(String property, String value) {
        assertThat(bind(property, value)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "ttl, 0s, between 5s and 1h",
        "ttl, 4999ms, between 5s and 1h",
        "ttl, 3600001ms, between 5s and 1h",
        "max-members, -1, between 0 and 5000",
        "max-members, 5001, between 0 and 5000",
        "max-changes-per-second, 0, between 1 and 100000",
        "max-changes-per-second, 100001, between 1 and 100000"
    })
    void valuesBeyondTheEdgeAreRefused(String property, String value, String allowed) {
        assertThatThrownBy(() -> bind(property, value))
                .rootCause()
                .hasMessage("starling.presence." + property + " is " + value + ", but must be " + allowed);
    }

    private static PresenceProperties bind(String property, String value) {
        MockEnvironment environment = new MockEnvironment().withProperty("starling.presence." + property, value);
        return Binder.get(environment).bindOrCreate("starling.presence", PresenceProperties.class);
    }
}
