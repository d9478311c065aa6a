package dev.starling.channel;

import dev.starling.protocol.ChannelPattern;
import dev.starling.setting.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
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
     * @param pattern The channels.
     * @param presence Whether subscribers may ask who is in the channel, on all nodes.
     * @param joinLeave Whether subscribers are told who joins and leaves. Needs {@code presence}.
     */
    @ConfigurationPropertiesSource
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
     * @param maxMembers Members listed in one answer, 0 to 5000. The count includes all.
     * @param maxChangesPerSecond {@code join} and {@code leave} frames per channel and second that this node
     *     publishes, 1 to 100000. More are dropped and counted.
     */
    public record Limits(
            @DefaultValue("1000") int maxMembers,
            @DefaultValue("100") int maxChangesPerSecond) {

        /** @throws IllegalArgumentException naming the property, the value and what is allowed */
        public Limits {
            Range.of("starling.presence.max-members", maxMembers, 0, 5000);
            Range.of("starling.presence.max-changes-per-second", maxChangesPerSecond, 1, 100_000);
        }
    }
}
