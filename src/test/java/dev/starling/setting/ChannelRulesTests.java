package dev.starling.setting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.protocol.ChannelName;
import dev.starling.setting.ChannelOptions.Access;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ChannelRulesTests {

    private static final ChannelName CHAT = new ChannelName("chat:1");

    @Test
    void channelsWithoutARuleHaveTheDefaults() {
        assertThat(TestRules.of().of(CHAT)).isSameAs(ChannelOptions.DEFAULTS);
        assertThat(TestRules.of("news").of(CHAT)).isSameAs(ChannelOptions.DEFAULTS);
        assertThat(TestRules.of("news").of(CHAT, "ann")).isSameAs(ChannelOptions.DEFAULTS);
    }

    @Test
    void rulesThatSetNothingHaveTheDefaults() {
        assertThat(TestRules.of("chat:*").of(CHAT)).isEqualTo(ChannelOptions.DEFAULTS);
    }

    @Test
    void oneRuleSetsAllOptions() {
        ChannelRules rules = TestRules.of("chat:* subscribe=anyone publish=nobody history-size=7 history-ttl=1h"
                + " presence=true join-leave=true overflow=drop-oldest overflow-size=9 unknown=1");

        assertThat(rules.of(CHAT))
                .isEqualTo(new ChannelOptions(
                        Access.ANYONE,
                        Access.NOBODY,
                        new HistoryLimits(7, Duration.ofHours(1)),
                        true,
                        true,
                        new Overflow(Overflow.Policy.DROP_OLDEST, 9)));
    }

    @Test
    void optionsHaveDefaultsOfTheirOwn() {
        ChannelRules rules = TestRules.of("a history-size=100", "b overflow=drop-oldest", "c overflow=latest-only");

        assertThat(rules.of(new ChannelName("a")).history()).isEqualTo(new HistoryLimits(100, Duration.ofMinutes(5)));
        assertThat(rules.of(new ChannelName("b")).overflow()).isEqualTo(new Overflow(Overflow.Policy.DROP_OLDEST, 100));
        assertThat(rules.of(new ChannelName("c")).overflow()).isEqualTo(Overflow.LATEST_ONLY);
    }

    @Test
    void theFirstRuleThatMatchesDecidesAloneAboutAllOptions() {
        ChannelRules rules =
                TestRules.of("chat:vip:* history-size=9", "chat:* presence=true", "* history-size=5 presence=true");

        assertThat(rules.of(new ChannelName("chat:vip:1")).presence()).isFalse();
        assertThat(rules.of(CHAT).presence()).isTrue();
        assertThat(rules.of(CHAT).history()).isNull();
        assertThat(rules.of(new ChannelName("news")).history()).isNotNull();
    }

    @Test
    void rulesWithAUserAreForAllUsersChannelsUntilOneAsks() {
        ChannelRules rules = TestRules.of("inbox:{user} subscribe=anyone history-size=3", "* subscribe=nobody");
        ChannelName inbox = new ChannelName("inbox:ann");

        assertThat(rules.of(inbox).history()).isNotNull();
        assertThat(rules.of(inbox, "ann").subscribe()).isEqualTo(Access.ANYONE);
        assertThat(rules.of(inbox, "bob").subscribe()).isEqualTo(Access.NOBODY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "history-size=0",
                "history-size=100000",
                "history-ttl=1s",
                "history-ttl=30d",
                "overflow-size=1",
                "overflow-size=10000"
            })
    void valuesAtTheEdgeAreAllowed(String option) {
        assertThat(TestRules.of("* " + option).of(CHAT)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "history-size, -1, -1, between 0 and 100000",
        "history-size, 100001, 100001, between 0 and 100000",
        "history-ttl, 999ms, 999ms, between 1s and 30d",
        "history-ttl, 31d, 31d, between 1s and 30d",
        "history-ttl, -1s, -1s, between 1s and 30d",
        "overflow-size, 0, 0, between 1 and 10000",
        "overflow-size, 10001, 10001, between 1 and 10000",
        "overflow-size, -1, -1, between 1 and 10000"
    })
    void valuesBeyondTheEdgeNameTheRule(String option, String value, String shown, String allowed) {
        assertThatThrownBy(() -> TestRules.of("a", "b " + option + "=" + value))
                .rootCause()
                .hasMessage("starling.channels[1]." + option + " is " + shown + ", but must be " + allowed);
    }

    @Test
    void joinAndLeaveNeedPresence() {
        assertThatThrownBy(() -> TestRules.of("a", "room:* join-leave=true"))
                .rootCause()
                .hasMessage(
                        "starling.channels[1].join-leave is true, but needs starling.channels[1].presence to be true");
    }

    @Test
    void wrongPatternsAreNamed() {
        assertThatThrownBy(() -> TestRules.of("a", "{user}*"))
                .rootCause()
                .hasMessageStartingWith("starling.channels[1].pattern is '{user}*': ");
        assertThatThrownBy(() -> TestRules.bind(Map.of("starling.channels[0].presence", "true")))
                .rootCause()
                .hasMessage("starling.channels[0].pattern is missing");
    }
}
