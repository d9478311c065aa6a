package dev.starling.security;

import dev.starling.protocol.ChannelPattern;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may use which channels. Other rooms bind further options of the same list.
 *
 * @param channels The rules for channels. The first rule whose pattern matches a channel applies.
 */
@ConfigurationProperties("starling")
public record ChannelAccessProperties(@DefaultValue List<ChannelRule> channels) {

    /** @throws IllegalArgumentException naming the rule that is wrong */
    public ChannelAccessProperties {
        channels = List.copyOf(channels);
        for (int i = 0; i < channels.size(); i++) {
            checkPattern(i, channels.get(i).pattern());
        }
    }

    private static void checkPattern(int index, @Nullable String pattern) {
        String property = "starling.channels[" + index + "].pattern";
        if (pattern == null) {
            throw new IllegalArgumentException(property + " is missing");
        }
        try {
            new ChannelPattern(pattern);
        } catch (IllegalArgumentException e) {
            // Without the cause, since Boot's report of a failed start shows the innermost message only.
            throw new IllegalArgumentException(property + " is '" + pattern + "': " + e.getMessage());
        }
    }

    /**
     * One rule.
     *
     * @param pattern The channels: {@code *} stands for any characters, {@code {user}} for the subject of the token.
     *     Required.
     * @param subscribe Who may subscribe: {@code anyone} with a valid token, clients whose {@code token} grants it,
     *     or {@code nobody}.
     * @param publish Who may publish: as for {@code subscribe}.
     */
    @ConfigurationPropertiesSource
    public record ChannelRule(
            @Nullable String pattern,
            @DefaultValue("token") Access subscribe,
            @DefaultValue("token") Access publish) {}

    /** Who may do it. */
    public enum Access {
        /** Every connection with a valid token. */
        ANYONE,
        /** The connections whose token grants it in its claims. */
        TOKEN,
        /** No client, whatever its token says. */
        NOBODY;

        /** As in the configuration. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
