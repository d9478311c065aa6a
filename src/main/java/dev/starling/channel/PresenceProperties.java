package dev.starling.channel;

import dev.starling.protocol.ChannelPattern;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which channels say who is in them; the same list has options of other rooms.
 *
 * @param channels the rules; the first whose pattern matches a channel decides, and a channel without a rule keeps no presence
 * @param presence how much is said
 */
@ConfigurationProperties("starling")
public record PresenceProperties(
        @DefaultValue List<PresenceRule> channels,
        @DefaultValue Limits presence) {

    private static final int MAX_MEMBERS = 5000;
    private static final int MAX_CHANGES = 100_000;

    /** @throws IllegalArgumentException naming the property that is wrong */
    public PresenceProperties {
        channels = List.copyOf(channels);
        for (int i = 0; i < channels.size(); i++) {
            channels.get(i).check("starling.channels[" + i + "]");
        }
    }

    PresenceRules rules() {
        return new PresenceRules(channels.stream().map(PresenceRule::rule).toList());
    }

    /**
     * One rule.
     *
     * @param pattern the channels, see {@link ChannelPattern}
     * @param presence whether who may subscribe may ask who is there
     * @param joinLeave whether the subscribers are also told of everybody who comes and goes; needs {@code presence}
     */
    public record PresenceRule(
            @Nullable String pattern,
            @DefaultValue("false") boolean presence,
            @DefaultValue("false") boolean joinLeave) {

        private void check(String property) {
            if (joinLeave && !presence) {
                throw new IllegalArgumentException(
                        property + ".join-leave is true: it needs " + property + ".presence to be true, too");
            }
        }

        private PresenceRules.Rule rule() {
            if (pattern == null) {
                throw new IllegalArgumentException("a rule of starling.channels has no pattern");
            }
            return new PresenceRules.Rule(
                    new ChannelPattern(pattern),
                    joinLeave
                            ? PresenceRules.Kind.ANNOUNCED
                            : presence ? PresenceRules.Kind.KEPT : PresenceRules.Kind.NONE);
        }
    }

    /**
     * How much is said.
     *
     * @param maxMembers members that one answer names, from 0 to 5000; the count has all
     * @param maxChangesPerSecond {@code join} and {@code leave} frames of one channel that this node sends to all others, from
     *     1 to 100000; those past it are dropped and counted
     */
    public record Limits(
            @DefaultValue("1000") int maxMembers,
            @DefaultValue("100") int maxChangesPerSecond) {

        /** @throws IllegalArgumentException naming the property, the value and what is allowed */
        public Limits {
            check("max-members", maxMembers, 0, MAX_MEMBERS);
            check("max-changes-per-second", maxChangesPerSecond, 1, MAX_CHANGES);
        }

        private static void check(String property, int value, int least, int most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException("starling.presence." + property + " is " + value
                        + ": it must be from " + least + " to " + most);
            }
        }
    }
}
