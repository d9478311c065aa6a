package dev.starling.security;

import dev.starling.protocol.ChannelPattern;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.Jwt;

/**
 * What a valid token says, and nothing else of it: it lives as long as the connection. Immutable.
 *
 * @param user the subject: 1 to 255 characters, none of them a control character, and not just a dot or two
 * @param id what the token itself is called (RFC 7519, claim {@code jti}), likewise; null if it has no name
 * @param expiresAtEpochMillis when the token expires; 0 = never
 * @param subscribe the channels that the claim {@code channels} grants, at most 256 patterns
 * @param publish the channels that the claim {@code publish} grants, at most 256 patterns
 */
public record VerifiedToken(
        String user,
        @Nullable String id,
        long expiresAtEpochMillis,
        List<ChannelPattern> subscribe,
        List<ChannelPattern> publish) {

    static final int MAX_USER_LENGTH = 255;
    static final int MAX_ID_LENGTH = 255;
    static final int MAX_PATTERNS = 256;

    /** Copies the lists. */
    public VerifiedToken {
        subscribe = List.copyOf(subscribe);
        publish = List.copyOf(publish);
    }

    /** Whether the token has been expired for a grace, after which it is good for nothing. */
    public boolean isOver(long nowEpochMillis, Duration grace) {
        return expiresAtEpochMillis != 0 && nowEpochMillis - expiresAtEpochMillis >= grace.toMillis();
    }

    /** @throws InvalidTokenException if a claim is missing or malformed */
    static VerifiedToken of(Jwt jwt, String userClaim) {
        return new VerifiedToken(
                user(jwt.getClaims().get(userClaim), userClaim),
                id(jwt.getClaims().get("jti")),
                expiry(jwt.getExpiresAt()),
                patterns(jwt.getClaims().get("channels"), "channels"),
                patterns(jwt.getClaims().get("publish"), "publish"));
    }

    private static String user(@Nullable Object claim, String name) {
        if (!(claim instanceof String user) || user.isEmpty() || user.length() > MAX_USER_LENGTH) {
            throw new InvalidTokenException("the claim " + name + " must have 1 to " + MAX_USER_LENGTH + " characters");
        }
        checkText(user, name);
        return user;
    }

    /** Names can be written into a log, and into the path of the request that refuses their owner, which no dots can. */
    private static void checkText(String text, String claim) {
        // Of half a surrogate pair the code point is the half itself.
        if (text.codePoints().anyMatch(c -> Character.isISOControl(c) || isHalfOfPair(c))) {
            throw new InvalidTokenException("the claim " + claim + " must not have control characters");
        }
        if (text.equals(".") || text.equals("..")) {
            throw new InvalidTokenException("the claim " + claim + " must not be " + text);
        }
    }

    private static boolean isHalfOfPair(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private static @Nullable String id(@Nullable Object claim) {
        if (claim == null) {
            return null;
        }
        if (!(claim instanceof String id) || id.isEmpty() || id.length() > MAX_ID_LENGTH) {
            throw new InvalidTokenException("the claim jti must have 1 to " + MAX_ID_LENGTH + " characters");
        }
        checkText(id, "jti");
        return id;
    }

    private static long expiry(@Nullable Instant expiresAt) {
        try {
            // An expiry in 1970 is not "never", though its number is 0.
            return expiresAt == null ? 0 : Math.max(1, expiresAt.toEpochMilli());
        } catch (ArithmeticException e) {
            throw new InvalidTokenException("the claim exp is out of range");
        }
    }

    private static List<ChannelPattern> patterns(@Nullable Object claim, String name) {
        if (claim == null) {
            return List.of();
        }
        if (!(claim instanceof List<?> list) || list.size() > MAX_PATTERNS) {
            throw new InvalidTokenException(
                    "the claim " + name + " must be a list of up to " + MAX_PATTERNS + " patterns");
        }
        List<ChannelPattern> patterns = new ArrayList<>(list.size());
        for (Object entry : list) {
            patterns.add(pattern(entry, name));
        }
        return patterns;
    }

    private static ChannelPattern pattern(@Nullable Object entry, String name) {
        try {
            if (entry instanceof String text) {
                return new ChannelPattern(text);
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidTokenException("the claim " + name + " has an invalid pattern: " + e.getMessage());
        }
        throw new InvalidTokenException("the claim " + name + " must be a list of strings");
    }
}
