package dev.starling.security;

import dev.starling.protocol.ChannelPattern;
import dev.starling.setting.Range;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Keys for back ends that have nobody to issue tokens. They open the HTTP API only, never a WebSocket.
 *
 * @param keys The keys of back ends, at most 1000.
 */
@ConfigurationProperties("starling.api")
public record ApiKeyProperties(@DefaultValue List<Key> keys) {

    private static final String NAME = "starling.api.keys";
    private static final int MOST_KEYS = 1000;

    /** @throws IllegalArgumentException naming the property and what is allowed */
    public ApiKeyProperties {
        keys = List.copyOf(keys);
        Range.size(NAME, keys, 0, MOST_KEYS);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < keys.size(); i++) {
            String property = NAME + '[' + i + ']';
            keys.get(i).check(property);
            for (String hash : keys.get(i).hashes()) {
                if (!seen.add(hash.toLowerCase(Locale.ROOT))) {
                    throw Range.outside(property + ".hashes", "used twice", "unique");
                }
            }
        }
    }

    /**
     * The keys of one back end.
     *
     * @param name The name of the back end in logs, 1 to 64 characters. Required.
     * @param hashes The SHA-256 of the key in hexadecimal. Two while the key is being changed.
     * @param scopes What the key may do: {@code publish}, {@code read}, {@code ops}.
     * @param channels The channels that the key may read, up to 128 patterns.
     * @param publish The channels that the key may publish to, up to 128 patterns.
     */
    @ConfigurationPropertiesSource
    public record Key(
            @Nullable String name,
            @DefaultValue List<String> hashes,
            @DefaultValue List<String> scopes,
            @DefaultValue("*") List<String> channels,
            @DefaultValue("*") List<String> publish) {

        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
        private static final Pattern SHA_256 = Pattern.compile("[0-9a-fA-F]{64}");
        private static final Set<String> SCOPES = Set.of("publish", "read", "ops");
        private static final int MOST_HASHES = 2;

        /** So many go from node to node in one question, however long they are. */
        private static final int MOST_PATTERNS = 128;

        /** Copies the lists. */
        public Key {
            hashes = List.copyOf(hashes);
            scopes = List.copyOf(scopes);
            channels = List.copyOf(channels);
            publish = List.copyOf(publish);
        }

        private void check(String property) {
            if (name == null || !NAME.matcher(name).matches()) {
                throw Range.outside(
                        property + ".name",
                        String.valueOf(name),
                        "1 to 64 letters, digits, dots, hyphens and underscores");
            }
            Range.size(property + ".hashes", hashes, 1, MOST_HASHES);
            if (!hashes.stream().allMatch(hash -> SHA_256.matcher(hash).matches())) {
                // What is written there may be the key itself.
                throw Range.outside(property + ".hashes", "not a SHA-256", "64 hexadecimal digits each");
            }
            if (scopes.isEmpty() || !SCOPES.containsAll(scopes)) {
                throw Range.outside(property + ".scopes", scopes, "some of publish, read and ops");
            }
            Range.size(property + ".channels", channels, 0, MOST_PATTERNS);
            Range.each(property + ".channels", channels, ChannelPattern::new);
            Range.size(property + ".publish", publish, 0, MOST_PATTERNS);
            Range.each(property + ".publish", publish, ChannelPattern::new);
        }
    }
}
