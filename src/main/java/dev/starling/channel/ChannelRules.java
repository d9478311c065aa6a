package dev.starling.channel;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ChannelPattern;
import java.util.List;
import java.util.function.Predicate;

/** Which channels have which options: the first rule whose pattern matches decides. Any thread may ask. */
final class ChannelRules {

    /** All channels are as they are by default. */
    static final ChannelRules NONE = new ChannelRules(List.of());

    /** One rule. */
    record Rule(ChannelPattern pattern, Overflow overflow) {}

    private record Known(Predicate<ChannelName> pattern, Overflow overflow) {}

    private final List<Known> rules;

    ChannelRules(List<Rule> rules) {
        this.rules = rules.stream()
                .map(rule -> new Known(rule.pattern().forAnyUser(), rule.overflow()))
                .toList();
    }

    /** What happens in a channel to those who do not keep up. */
    Overflow overflow(ChannelName channel) {
        for (int i = 0; i < rules.size(); i++) {
            Known rule = rules.get(i);
            if (rule.pattern().test(channel)) {
                return rule.overflow();
            }
        }
        return Overflow.DISCONNECT;
    }
}
