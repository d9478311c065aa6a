package dev.starling.broker;

import dev.starling.protocol.ChannelPattern;
import dev.starling.setting.Range;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the channels keep; the same list has options of other rooms.
 *
 * @param channels the rules; the first whose pattern matches a channel decides
 */
@ConfigurationProperties("starling")
public record HistoryProperties(@DefaultValue List<HistoryRule> channels) {

    /** @throws IllegalArgumentException naming the rule that is wrong */
    public HistoryProperties {
        channels = List.copyOf(channels);
        for (int i = 0; i < channels.size(); i++) {
            channels.get(i).check("starling.channels[" + i + "]");
        }
    }

    /** The same, to be asked. */
    public HistoryRules rules() {
        return new HistoryRules(channels.stream().map(HistoryRule::rule).toList());
    }

    /**
     * One rule.
     *
     * @param pattern The channels.
     * @param historySize Messages that each channel keeps, 0 to 100000. 0 means no history and no recovery.
     * @param historyTtl How long after the newest message a channel forgets its history, 1s to 30d.
     */
    @ConfigurationPropertiesSource
    public record HistoryRule(
            @Nullable String pattern,
            @DefaultValue("0") int historySize,
            @DefaultValue("5m") Duration historyTtl) {

        private void check(String property) {
            Range.of(property + ".history-size", historySize, 0, 100_000);
            Range.of(property + ".history-ttl", historyTtl, Duration.ofSeconds(1), Duration.ofDays(30));
        }

        private HistoryRules.Rule rule() {
            if (pattern == null) {
                throw new IllegalArgumentException("a rule of starling.channels has no pattern");
            }
            HistoryLimits limits = historySize == 0 ? null : new HistoryLimits(historySize, historyTtl);
            return new HistoryRules.Rule(new ChannelPattern(pattern), limits);
        }
    }
}
