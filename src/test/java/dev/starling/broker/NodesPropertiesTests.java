package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

final class NodesPropertiesTests {

    @Test
    void nodeThatWasKilledIsGoneAfterThreeHeartbeats() {
        NodesProperties defaults = bind(new MockEnvironment());

        assertThat(defaults.heartbeat()).isEqualTo(Duration.ofSeconds(2));
        assertThat(defaults.ttl()).isEqualTo(Duration.ofSeconds(6));
        assertThat(defaults.maxAnswerBytes()).isEqualTo(1 << 20);
    }

    @ParameterizedTest
    @CsvSource({
        "heartbeat, 100ms",
        "heartbeat, 1m",
        "ttl, 4s",
        "ttl, 10m",
        "ttl, 0",
        "max-answer, 1KB",
        "max-answer, 16MB"
    })
    void whatIsAtTheEdgeIsAllowed(String property, String value) {
        assertThat(bind(property, value)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "heartbeat, 99ms",
        "heartbeat, 61s",
        "ttl, 3999ms",
        "ttl, -1s",
        "ttl, 601s",
        "max-answer, 1023B",
        "max-answer, 17MB"
    })
    void whatIsOutsideStopsTheStart(String property, String value) {
        assertThatThrownBy(() -> bind(property, value))
                .rootCause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("starling.nodes." + property + " is ");
    }

    @ParameterizedTest
    @CsvSource({"0", "100001"})
    void asManyRefusalsAsThereMayNotBeStopTheStart(int most) {
        assertThatThrownBy(() -> new RevocationProperties(most))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("starling.security.max-refusals is " + most + ", but must be between 1 and 100000");
    }

    private static NodesProperties bind(String property, String value) {
        return bind(new MockEnvironment().withProperty("starling.nodes." + property, value));
    }

    private static NodesProperties bind(MockEnvironment environment) {
        return Binder.get(environment).bindOrCreate("starling.nodes", NodesProperties.class);
    }
}
