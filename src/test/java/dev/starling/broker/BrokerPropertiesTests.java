package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

final class BrokerPropertiesTests {

    @Test
    void theDefaultsRunWithNothingInstalled() {
        BrokerProperties defaults =
                Binder.get(new MockEnvironment()).bindOrCreate("starling.broker", BrokerProperties.class);

        assertThat(defaults).isEqualTo(new BrokerProperties(BrokerProperties.Type.MEMORY, 65_536));
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096, 1_048_576})
    void queueCapacityIsAPowerOfTwo(int capacity) {
        assertThat(new BrokerProperties(BrokerProperties.Type.MEMORY, capacity).queueCapacity())
                .isEqualTo(capacity);
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -512, 0, 1, 256, 511, 513, 1000, 2_097_152})
    void anotherQueueCapacityIsRefusedWithPropertyValueAndRange(int capacity) {
        assertThatThrownBy(() -> new BrokerProperties(BrokerProperties.Type.MEMORY, capacity))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("starling.broker.queue-capacity is " + capacity
                        + ", but must be a power of two between 512 and 1048576");
    }
}
