package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.protocol.ChannelName;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

final class HistoryPropertiesTests {

    private static final ChannelName CHANNEL = new ChannelName("chat:1");

    @Test
    void nothingIsKeptWithoutRules() {
        assertThat(bind().rules().of(CHANNEL)).isNull();
    }

    @Test
    void aRuleWithoutASizeKeepsNothing() {
        assertThat(bind("channels[0].pattern=chat:*").rules().of(CHANNEL)).isNull();
    }

    @Test
    void aRuleSaysWhatItsChannelsKeep() {
        HistoryRules rules = bind(
                        "channels[0].pattern=chat:*",
                        "channels[0].history-size=100",
                        "channels[1].pattern=news",
                        "channels[1].history-size=7",
                        "channels[1].history-ttl=1h")
                .rules();

        assertThat(rules.of(CHANNEL)).isEqualTo(new HistoryLimits(100, Duration.ofMinutes(5)));
        assertThat(rules.of(new ChannelName("news"))).isEqualTo(new HistoryLimits(7, Duration.ofHours(1)));
        assertThat(rules.of(new ChannelName("other"))).isNull();
    }

    @Test
    void optionsOfOtherRoomsMayStandBesideThem() {
        assertThat(bind("channels[0].pattern=chat:*", "channels[0].history-size=1", "channels[0].presence=true")
                        .rules()
                        .of(CHANNEL))
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"history-size, 0", "history-size, 100000", "history-ttl, 1s", "history-ttl, 30d"})
    void theBoundsAreTaken(String option, String value) {
        assertThat(bind("channels[0].pattern=*", "channels[0]." + option + "=" + value)
                        .channels())
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "history-size, -1, 0 and 100000",
        "history-size, 100001, 0 and 100000",
        "history-ttl, 999ms, 1s and 30d",
        "history-ttl, 31d, 1s and 30d",
        "history-ttl, -1s, 1s and 30d"
    })
    void outOfTheirRangeTheyAreRefusedByName(String option, String value, String range) {
        assertThatThrownBy(() ->
                        bind("channels[0].pattern=a", "channels[1].pattern=b", "channels[1]." + option + "=" + value))
                .rootCause()
                .hasMessageStartingWith("starling.channels[1]." + option + " is ")
                .hasMessageEndingWith("but must be between " + range);
    }

    @Test
    void aRuleWithoutAPatternIsRefused() {
        HistoryProperties properties = bind("channels[0].history-size=1");

        assertThatThrownBy(properties::rules)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a rule of starling.channels has no pattern");
    }

    @Test
    void aPatternThatIsNoneIsRefused() {
        HistoryProperties properties = bind("channels[0].pattern=a b", "channels[0].history-size=1");

        assertThatThrownBy(properties::rules).isInstanceOf(IllegalArgumentException.class);
    }

    private static HistoryProperties bind(String... properties) {
        MockEnvironment environment = new MockEnvironment();
        for (String property : properties) {
            int equals = property.indexOf('=');
            environment.setProperty("starling." + property.substring(0, equals), property.substring(equals + 1));
        }
        return Binder.get(environment).bindOrCreate("starling", HistoryProperties.class);
    }
}
