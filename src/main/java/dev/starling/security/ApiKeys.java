package dev.starling.security;

import dev.starling.protocol.ChannelPattern;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.authority.AuthorityUtils;

/**
 * The API keys of the configuration. Only their hashes are known here; a plain one is enough, since keys are long and drawn at random.
 * Thread-safe.
 */
final class ApiKeys {

    /** What can't be guessed is not shorter: 128 bits, in hexadecimal. */
    static final int MIN_LENGTH = 32;

    static final int MAX_LENGTH = 255;

    private final Map<String, VerifiedAuthentication> byHash = new HashMap<>();

    private final RefusalList refusals;

    /** @param refusals the keys that are good for nothing though they are configured, by the names that they have as users */
    ApiKeys(ApiKeyProperties properties, RefusalList refusals) {
        this.refusals = refusals;
        for (ApiKeyProperties.Key key : properties.keys()) {
            VerifiedAuthentication whose = authentication(key);
            key.hashes().forEach(hash -> byHash.put(hash.toLowerCase(Locale.ROOT), whose));
        }
    }

    private static VerifiedAuthentication authentication(ApiKeyProperties.Key key) {
        // No user of a token is meant: {user} of a pattern never matches what has a colon.
        VerifiedToken rights =
                new VerifiedToken("key:" + key.name(), null, 0, patterns(key.channels()), patterns(key.publish()));
        String[] scopes = key.scopes().stream().map(scope -> "SCOPE_" + scope).toArray(String[]::new);
        return new VerifiedAuthentication(rights, AuthorityUtils.createAuthorityList(scopes));
    }

    private static List<ChannelPattern> patterns(List<String> texts) {
        return texts.stream().map(ChannelPattern::new).toList();
    }

    /** What the owner of a key may do; null if there is no such key, or if an operator refuses it. */
    @Nullable
    VerifiedAuthentication find(String key) {
        if (byHash.isEmpty() || key.length() < MIN_LENGTH || key.length() > MAX_LENGTH) {
            return null;
        }
        VerifiedAuthentication owner = byHash.get(hash(key));
        return owner == null || refusals.refuses(owner.getPrincipal()) ? null : owner;
    }

    private static String hash(String key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
