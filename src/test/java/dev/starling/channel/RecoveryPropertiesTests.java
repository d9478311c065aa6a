package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

final class RecoveryPropertiesTests {

    @Test
    void aThousandMissedMessagesAreRecoveredByDefault() {
        assertThat(recovery(Map.of())).isEqualTo(new RecoveryProperties(1000, DataSize.ofMegabytes(16)));
    }

    @ParameterizedTest
    @CsvSource({
        "max-messages, 1, true",
        "max-messages, 10000, true",
        "max-messages, 0, false",
        "max-messages, 10001, false",
        "max-bytes, 1KB, true",
        "max-bytes, 1GB, true",
        "max-bytes, 1023B, false",
        "max-bytes, 1025MB, false"
    })
    void recoveriesHaveRanges(String name, String value, boolean isAllowed) {
        Map<String, String> properties = Map.of("starling.recovery." + name, value);

        if (isAllowed) {
            assertThat(recovery(properties)).isNotNull();
        } else {
            assertThatThrownBy(() -> recovery(properties))
                    .isInstanceOf(BindException.class)
                    .rootCause()
                    .hasMessageContaining("starling.recovery." + name);
        }
    }

    private static RecoveryProperties recovery(Map<String, String> properties) {
        return binder(properties).bindOrCreate("starling.recovery", RecoveryProperties.class);
    }

    private static Binder binder(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties));
    }
}
