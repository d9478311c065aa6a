package dev.starling.setting;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ChannelPattern;
import dev.starling.setting.ChannelOptions.Access;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The rules for channels: the first one whose pattern matches decides. Thread-safe, and never changes. */
@ConfigurationProperties("starling")
public final class ChannelRules {

    /** The rules for channels. The first rule whose pattern matches a channel applies. */
    private final List<Rule> channels;

    // Arrays, because a publish asks twice; the rules never change.
    private final ChannelPattern[] patterns;
    private final Predicate<ChannelName>[] forAnyUser;
    private final ChannelOptions[] options;

    /** @throws IllegalArgumentException naming the property, the value and what is allowed */
    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
    public ChannelRules(@DefaultValue List<Rule> channels) {
        this.channels = List.copyOf(channels);
        patterns = new ChannelPattern[channels.size()];
        forAnyUser = new Predicate[patterns.length];
        options = new ChannelOptions[patterns.length];
        for (int i = 0; i < patterns.length; i++) {
            Rule rule = channels.get(i);
            patterns[i] = rule.check("starling.channels[" + i + "]");
            forAnyUser[i] = patterns[i].forAnyUser();
            options[i] = rule.options();
        }
    }

    /** The rules as they are configured, for the endpoint {@code configprops}. */
    public List<Rule> getChannels() {
        return channels;
    }

    /** The options of a channel, for any user. */
    public ChannelOptions of(ChannelName channel) {
        for (int i = 0; i < forAnyUser.length; i++) {
            if (forAnyUser[i].test(channel)) {
                return options[i];
            }
        }
        return ChannelOptions.DEFAULTS;
    }

    /** The options of a channel for one user: a rule with <code>{user}</code> is for this user's channels only. */
    public ChannelOptions of(ChannelName channel, String user) {
        for (int i = 0; i < patterns.length; i++) {
            if (patterns[i].matches(channel, user)) {
                return options[i];
            }
        }
        return ChannelOptions.DEFAULTS;
    }

    /**
     * One rule.
     *
     * @param pattern The channels: {@code *} stands for any characters, {@code {user}} for the subject of the token.
     *     Required.
     * @param subscribe Who may subscribe: {@code anyone} with a valid token, clients whose {@code token} grants it,
     *     or {@code nobody}.
     * @param publish Who may publish: as for {@code subscribe}.
     * @param historySize Messages that each channel keeps, 0 to 100000. 0 means no history and no recovery.
     * @param historyTtl How long after the newest message a channel forgets its history, 1s to 30d.
     * @param presence Whether subscribers may ask who is in the channel, on all nodes.
     * @param joinLeave Whether subscribers are told who joins and leaves. Needs {@code presence}.
     * @param overflow What happens when a client does not keep up. {@code disconnect} closes the connection with
     *     4001. {@code drop-oldest} holds the newest messages until the client reads again. {@code latest-only} holds the
     *     newest one.
     * @param overflowSize Messages that {@code drop-oldest} holds per subscription, 1 to 10000. All that is held for
     *     one connection has at most {@code starling.limits.max-backlog} bytes.
     */
    @ConfigurationPropertiesSource
    public record Rule(
            @Nullable String pattern,
            @DefaultValue("token") Access subscribe,
            @DefaultValue("token") Access publish,
            @DefaultValue("0") int historySize,
            @DefaultValue("5m") Duration historyTtl,
            @DefaultValue("false") boolean presence,
            @DefaultValue("false") boolean joinLeave,
            @DefaultValue("disconnect") Overflow.Policy overflow,
            @DefaultValue("100") int overflowSize) {

        private ChannelPattern check(String property) {
            if (pattern == null) {
                throw new IllegalArgumentException(property + ".pattern is missing");
            }
            Range.parsed(property + ".pattern", pattern, ChannelPattern::new);
            Range.of(property + ".history-size", historySize, 0, 100_000);
            Range.of(property + ".history-ttl", historyTtl, Duration.ofSeconds(1), Duration.ofDays(30));
            Range.of(property + ".overflow-size", overflowSize, 1, 10_000);
            if (joinLeave && !presence) {
                throw new IllegalArgumentException(
                        property + ".join-leave is true, but needs " + property + ".presence to be true");
            }
            return new ChannelPattern(pattern);
        }

        private ChannelOptions options() {
            HistoryLimits history = historySize == 0 ? null : new HistoryLimits(historySize, historyTtl);
            Overflow what = switch (overflow) {
                case DISCONNECT -> Overflow.DISCONNECT;
                case DROP_OLDEST -> new Overflow(Overflow.Policy.DROP_OLDEST, overflowSize);
                case LATEST_ONLY -> Overflow.LATEST_ONLY;
            };
            return new ChannelOptions(subscribe, publish, history, presence, joinLeave, what);
        }
    }
}
