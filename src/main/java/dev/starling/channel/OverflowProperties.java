package dev.starling.channel;

import dev.starling.protocol.ChannelPattern;
import dev.starling.setting.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What happens to subscribers that do not keep up; the same list has options of other rooms.
 *
 * @param channels the rules; the first whose pattern matches a channel decides, and a channel without a rule disconnects
 */
@ConfigurationProperties("starling")
record OverflowProperties(@DefaultValue List<OverflowRule> channels) {

    OverflowProperties {
        channels = List.copyOf(channels);
        for (int i = 0; i < channels.size(); i++) {
            channels.get(i).check("starling.channels[" + i + "]");
        }
    }

    ChannelRules rules() {
        return new ChannelRules(channels.stream().map(OverflowRule::rule).toList());
    }

    /**
     * One rule.
     *
     * @param pattern The channels.
     * @param overflow What happens when a client does not keep up. {@code disconnect} closes the connection with
     *     4001. {@code drop-oldest} holds the newest messages until the client reads again. {@code latest-only} holds the
     *     newest one.
     * @param overflowSize Messages that {@code drop-oldest} holds per subscription, 1 to 10000. All that is held for
     *     one connection has at most {@code starling.limits.max-backlog} bytes.
     */
    @ConfigurationPropertiesSource
    record OverflowRule(
            @Nullable String pattern,
            @DefaultValue("disconnect") Overflow.Policy overflow,
            @DefaultValue("100") int overflowSize) {

        private void check(String property) {
            Range.of(property + ".overflow-size", overflowSize, 1, 10_000);
        }

        private ChannelRules.Rule rule() {
            if (pattern == null) {
                throw new IllegalArgumentException("a rule of starling.channels has no pattern");
            }
            Overflow what = switch (overflow) {
                case DISCONNECT -> Overflow.DISCONNECT;
                case DROP_OLDEST -> new Overflow(Overflow.Policy.DROP_OLDEST, overflowSize);
                case LATEST_ONLY -> Overflow.LATEST_ONLY;
            };
            return new ChannelRules.Rule(new ChannelPattern(pattern), what);
        }
    }
}
