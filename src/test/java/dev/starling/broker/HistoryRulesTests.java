package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ChannelPattern;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class HistoryRulesTests {

    private static final HistoryLimits SMALL = new HistoryLimits(10, Duration.ofMinutes(1));
    private static final HistoryLimits LARGE = new HistoryLimits(1_000, Duration.ofHours(1));

    @Test
    void nothingIsKeptWithoutARule() {
        assertThat(HistoryRules.NONE.of(new ChannelName("c"))).isNull();
    }

    @Test
    void theFirstRuleThatMatchesDecides() {
        HistoryRules rules =
                new HistoryRules(List.of(rule("chat:vip:*", LARGE), rule("chat:*", SMALL), rule("*", LARGE)));

        assertThat(rules.of(new ChannelName("chat:vip:1"))).isEqualTo(LARGE);
        assertThat(rules.of(new ChannelName("chat:1"))).isEqualTo(SMALL);
        assertThat(rules.of(new ChannelName("news"))).isEqualTo(LARGE);
    }

    @Test
    void aRuleWithoutLimitsEndsTheSearch() {
        HistoryRules rules = new HistoryRules(List.of(rule("chat:tmp:*", null), rule("chat:*", SMALL)));

        assertThat(rules.of(new ChannelName("chat:tmp:1"))).isNull();
        assertThat(rules.of(new ChannelName("chat:1"))).isEqualTo(SMALL);
    }

    @Test
    void aPatternWithAUserIsForTheChannelsOfAllUsers() {
        HistoryRules rules = new HistoryRules(List.of(rule("inbox:{user}", SMALL)));

        assertThat(rules.of(new ChannelName("inbox:alice"))).isEqualTo(SMALL);
        assertThat(rules.of(new ChannelName("inbox:alice:sent"))).isNull();
        assertThat(rules.of(new ChannelName("inbox:"))).isNull();
    }

    private static HistoryRules.Rule rule(String pattern, @Nullable HistoryLimits limits) {
        return new HistoryRules.Rule(new ChannelPattern(pattern), limits);
    }
}
