package dev.starling.broker;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ChannelPattern;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which channels keep how much: the first rule whose pattern matches decides, and there is no history without one. Any thread may ask. */
public final class HistoryRules {

    /** Nothing is kept. */
    public static final HistoryRules NONE = new HistoryRules(List.of());

    /** One rule; the channels of a pattern without limits keep nothing. */
    public record Rule(ChannelPattern pattern, @Nullable HistoryLimits limits) {}

    private record Known(
            Predicate<ChannelName> pattern, @Nullable HistoryLimits limits) {}

    private final List<Known> rules;

    /** The rules in their order. */
    public HistoryRules(List<Rule> rules) {
        this.rules = rules.stream()
                .map(rule -> new Known(rule.pattern().forAnyUser(), rule.limits()))
                .toList();
    }

    /** What a channel keeps, if anything. */
    public @Nullable HistoryLimits of(ChannelName channel) {
        for (int i = 0; i < rules.size(); i++) {
            Known rule = rules.get(i);
            if (rule.pattern().test(channel)) {
                return rule.limits();
            }
        }
        return null;
    }
}
