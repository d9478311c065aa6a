package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.util.unit.DataSize;

final class InMemoryPropertiesTests {

    private static final String PREFIX = "starling.broker.memory";

    @Test
    void theDefaultsRunWithNothingConfigured() {
        assertThat(Binder.get(new MockEnvironment()).bindOrCreate(PREFIX, InMemoryProperties.class))
                .isEqualTo(new InMemoryProperties(DataSize.ofMegabytes(128), 100_000, Duration.ofMinutes(5)));
    }

    @ParameterizedTest
    @CsvSource({
        "history-bytes, 1MB",
        "history-bytes, 64GB",
        "idempotency-keys, 100",
        "idempotency-keys, 10000000",
        "idempotency-ttl, 1s",
        "idempotency-ttl, 1d"
    })
    void theBoundsAreTaken(String property, String value) {
        assertThat(bind(property, value)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "history-bytes, 1023KB, 1MB and 64GB",
        "history-bytes, 65GB, 1MB and 64GB",
        "idempotency-keys, 99, 100 and 10000000",
        "idempotency-keys, 10000001, 100 and 10000000",
        "idempotency-ttl, 999ms, 1s and 1d",
        "idempotency-ttl, 25h, 1s and 1d"
    })
    void outOfTheirRangeTheyAreRefusedByName(String property, String value, String range) {
        assertThatThrownBy(() -> bind(property, value))
                .rootCause()
                .hasMessageStartingWith(PREFIX + "." + property + " is ")
                .hasMessageEndingWith("but must be between " + range);
    }

    private static InMemoryProperties bind(String property, String value) {
        MockEnvironment environment = new MockEnvironment().withProperty(PREFIX + "." + property, value);
        return Binder.get(environment).bindOrCreate(PREFIX, InMemoryProperties.class);
    }
}
