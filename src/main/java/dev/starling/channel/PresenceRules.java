package dev.starling.channel;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ChannelPattern;
import java.util.List;
import java.util.function.Predicate;

/** Which channels say who is in them: the first rule whose pattern matches decides. Any thread may ask. */
final class PresenceRules {

    /** How much a channel says. */
    enum Kind {
        /** Nothing. */
        NONE,
        /** Who is there, to those who ask. */
        KEPT,
        /** That, and to all subscribers who comes and goes. */
        ANNOUNCED
    }

    /** One rule. */
    record Rule(ChannelPattern pattern, Kind kind) {}

    private record Known(Predicate<ChannelName> pattern, Kind kind) {}

    private final List<Known> rules;

    PresenceRules(List<Rule> rules) {
        this.rules = rules.stream()
                .map(rule -> new Known(rule.pattern().forAnyUser(), rule.kind()))
                .toList();
    }

    /** How much this channel says. */
    Kind of(ChannelName channel) {
        for (int i = 0; i < rules.size(); i++) {
            Known rule = rules.get(i);
            if (rule.pattern().test(channel)) {
                return rule.kind();
            }
        }
        return Kind.NONE;
    }
}
