package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.protocol.ChannelName;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

final class OptionPropertiesTests {

    @Test
    void withoutARuleSlowSubscribersAreDisconnected() {
        assertThat(overflow(Map.of()).overflow(new ChannelName("any"))).isEqualTo(Overflow.DISCONNECT);
        assertThat(overflow(Map.of("starling.channels[0].pattern", "*")).overflow(new ChannelName("any")))
                .isEqualTo(Overflow.DISCONNECT);
    }

    @Test
    void theFirstRuleThatMatchesDecides() {
        ChannelRules rules = overflow(Map.of(
                "starling.channels[0].pattern", "price:*",
                "starling.channels[0].overflow", "latest-only",
                "starling.channels[1].pattern", "inbox:{user}",
                "starling.channels[1].overflow", "drop-oldest",
                "starling.channels[1].overflow-size", "7",
                "starling.channels[2].pattern", "*",
                "starling.channels[2].overflow", "drop-oldest"));

        assertThat(rules.overflow(new ChannelName("price:a"))).isEqualTo(Overflow.LATEST_ONLY);
        assertThat(rules.overflow(new ChannelName("inbox:ann")))
                .isEqualTo(new Overflow(Overflow.Policy.DROP_OLDEST, 7));
        assertThat(rules.overflow(new ChannelName("chat"))).isEqualTo(new Overflow(Overflow.Policy.DROP_OLDEST, 100));
    }

    @ParameterizedTest
    @CsvSource({"1, true", "10000, true", "0, false", "10001, false", "-1, false"})
    void overflowSizesHaveARange(int size, boolean isAllowed) {
        Map<String, String> properties = Map.of(
                "starling.channels[0].pattern", "*",
                "starling.channels[0].overflow", "drop-oldest",
                "starling.channels[0].overflow-size", Integer.toString(size));

        if (isAllowed) {
            assertThat(overflow(properties).overflow(new ChannelName("any")).size())
                    .isEqualTo(size);
        } else {
            assertThatThrownBy(() -> overflow(properties))
                    .isInstanceOf(BindException.class)
                    .rootCause()
                    .hasMessageContaining("starling.channels[0].overflow-size is " + size);
        }
    }

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

    private static ChannelRules overflow(Map<String, String> properties) {
        return binder(properties)
                .bindOrCreate("starling", OverflowProperties.class)
                .rules();
    }

    private static RecoveryProperties recovery(Map<String, String> properties) {
        return binder(properties).bindOrCreate("starling.recovery", RecoveryProperties.class);
    }

    private static Binder binder(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties));
    }
}
