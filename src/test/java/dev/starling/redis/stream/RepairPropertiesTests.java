package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.util.unit.DataSize;

final class RepairPropertiesTests {

    @Test
    void hasDefaults() {
        RepairProperties defaults = bind("lanes", "0");

        assertThat(defaults)
                .isEqualTo(new RepairProperties(0, 64, 128, DataSize.ofKilobytes(256), Duration.ofMillis(250)));
        assertThat(defaults.laneCount())
                .isEqualTo(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
        assertThat(bind("lanes", "3").laneCount()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        "lanes, 256, 257, 'lanes is 257, but must be between 0 and 256'",
        "lanes, 0, -1, 'lanes is -1, but must be between 0 and 256'",
        "repair-reads, 1, 0, 'repair-reads is 0, but must be between 1 and 10000'",
        "repair-reads, 10000, 10001, 'repair-reads is 10001, but must be between 1 and 10000'",
        "repair-page, 2, 1, 'repair-page is 1, but must be between 2 and 10000'",
        "repair-page, 10000, 10001, 'repair-page is 10001, but must be between 2 and 10000'",
        "repair-buffer, 1KB, 1023B, 'repair-buffer is 1023B, but must be between 1KB and 64MB'",
        "repair-buffer, 64MB, 65MB, 'repair-buffer is 65MB, but must be between 1KB and 64MB'",
        "repair-spread, 0s, -1ms, 'repair-spread is -1ms, but must be between 0s and 1m'",
        "repair-spread, 1m, 61s, 'repair-spread is 61s, but must be between 0s and 1m'"
    })
    void eachHasARangeThatIsNamedWithTheProperty(String property, String bound, String beyond, String message) {
        assertThat(bind(property, bound)).isNotNull();

        assertThatThrownBy(() -> bind(property, beyond))
                .rootCause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("starling.broker.redis." + message);
    }

    private static RepairProperties bind(String property, String value) {
        MockEnvironment environment = new MockEnvironment();
        environment.setProperty("starling.broker.redis." + property, value);
        return Binder.get(environment)
                .bind("starling.broker.redis", RepairProperties.class)
                .get();
    }
}
