package dev.starling.security;

import org.jspecify.annotations.Nullable;

/**
 * One entry of {@code starling.security.allowed-origins}.
 *
 * @param origin the origin, its host without the {@code *.}; null = any origin
 * @param subdomains whether the subdomains of the host are meant, and not the host itself
 */
record AllowedOrigin(@Nullable Origin origin, boolean subdomains) {

    private static final String ANY = "*";
    private static final String WILDCARD = "://*.";

    /** @throws IllegalArgumentException saying what is allowed */
    static AllowedOrigin parse(String text) {
        if (text.equals(ANY)) {
            return new AllowedOrigin(null, false);
        }
        Origin origin = Origin.parse(text.replace(WILDCARD, "://"));
        if (origin == null || origin.port() == 0) {
            throw new IllegalArgumentException(
                    "must be *, http(s)://host[:port] or http(s)://*.host[:port], without a path");
        }
        return new AllowedOrigin(origin, text.contains(WILDCARD));
    }

    /** @param candidate null for an Origin header that is no origin, such as {@code null} */
    boolean allows(@Nullable Origin candidate) {
        if (origin == null) {
            return true;
        }
        return candidate != null
                && origin.scheme().equals(candidate.scheme())
                && origin.port() == candidate.port()
                && (subdomains
                        ? candidate.host().endsWith("." + origin.host())
                        : candidate.host().equals(origin.host()));
    }
}
