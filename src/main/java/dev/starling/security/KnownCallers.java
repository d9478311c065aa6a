package dev.starling.security;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.GrantedAuthority;

/**
 * Who of those that may publish has been let in within the last minute: a back end sends the same token with each of its thousand requests per second, and it need
 * not be verified a thousand times. Thread-safe.
 */
public final class KnownCallers {

    private static final int MOST = 1024;
    private static final int LONGEST_TOKEN = 4096;
    private static final long MILLIS = 60_000;
    private static final String PREFIX = "SCOPE_";
    private static final String PUBLISH = "publish";

    private final ApiKeys keys;
    private final RefusalList refusals;
    private final LongSupplier epochMillis;
    private final Map<String, Entry> byToken = new ConcurrentHashMap<>();

    KnownCallers(ApiKeys keys, RefusalList refusals) {
        this(keys, refusals, System::currentTimeMillis);
    }

    KnownCallers(ApiKeys keys, RefusalList refusals, LongSupplier epochMillis) {
        this.keys = keys;
        this.refusals = refusals;
        this.epochMillis = epochMillis;
    }

    private record Entry(VerifiedAuthentication caller, long untilEpochMillis) {}

    void remember(String token, VerifiedAuthentication caller) {
        if (token.length() > LONGEST_TOKEN || withScope(caller, PUBLISH) == null) {
            return; // nobody else comes that often
        }
        if (byToken.size() >= MOST) {
            byToken.clear(); // they are verified once more
        }
        long minute = epochMillis.getAsLong() + MILLIS;
        long expiry = caller.getPrincipal().expiresAtEpochMillis();
        byToken.put(token, new Entry(caller, expiry == 0 ? minute : Math.min(minute, expiry)));
    }

    /**
     * The token of a caller that was let in a moment ago.
     *
     * @param token as it was presented
     * @param scope that it has to have
     * @return null if the token has to be verified first, or will not do
     */
    public @Nullable VerifiedToken byToken(String token, String scope) {
        Entry entry = byToken.get(token);
        if (entry == null) {
            return null;
        }
        if (entry.untilEpochMillis() <= epochMillis.getAsLong()
                || refusals.refuses(entry.caller().getPrincipal())) {
            byToken.remove(token, entry);
            return null;
        }
        return withScope(entry.caller(), scope);
    }

    /** The same for an API key, which need not be verified. */
    public @Nullable VerifiedToken byKey(String key, String scope) {
        VerifiedAuthentication caller = keys.find(key);
        return caller == null ? null : withScope(caller, scope);
    }

    private static @Nullable VerifiedToken withScope(VerifiedAuthentication caller, String scope) {
        for (GrantedAuthority authority : caller.getAuthorities()) {
            String name = authority.getAuthority();
            if (name != null
                    && name.startsWith(PREFIX)
                    && name.endsWith(scope)
                    && name.length() == PREFIX.length() + scope.length()) {
                return caller.getPrincipal();
            }
        }
        return null;
    }
}
