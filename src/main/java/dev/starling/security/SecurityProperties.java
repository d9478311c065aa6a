package dev.starling.security;

import dev.starling.setting.Range;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may connect.
 *
 * @param jwt the key of the tokens, unless one of {@code spring.security.oauth2.resourceserver.jwt.*} is configured
 * @param trustedProxies Addresses and CIDR networks (IPv4, IPv6) of the proxies whose {@code X-Forwarded-For} or
 *     {@code Forwarded} is believed. None by default.
 * @param allowedOrigins The web origins that may connect from a browser: {@code https://app.example.com},
 *     {@code https://*.example.com} (any subdomain, not the domain itself) or {@code *}. Empty allows the node's own
 *     origin only. Clients that send no {@code Origin} are not browsers and always pass.
 * @param tokenGrace How long an expired token still keeps connections open, 0s to 10m. For as long, but at most 60s, it
 *     also opens new ones.
 * @param maxTokenLifetime How far in the future the expiry of a token may be, 1s to 3650d. Tokens without an expiry
 *     are then refused. 0s accepts any expiry, or none.
 */
@ConfigurationProperties("starling.security")
public record SecurityProperties(
        @DefaultValue Jwt jwt,
        @DefaultValue List<String> trustedProxies,
        @DefaultValue List<String> allowedOrigins,
        @DefaultValue("25s") Duration tokenGrace,
        @DefaultValue("0s") Duration maxTokenLifetime) {

    private static final String NAME = "starling.security.";

    /** @throws IllegalArgumentException naming the property, the value and what is allowed */
    public SecurityProperties {
        trustedProxies = List.copyOf(trustedProxies);
        allowedOrigins = List.copyOf(allowedOrigins);
        Range.each(NAME + "trusted-proxies", trustedProxies, AddressRange::parse);
        Range.each(NAME + "allowed-origins", allowedOrigins, AllowedOrigin::parse);
        Range.of(NAME + "token-grace", tokenGrace, Duration.ZERO, Duration.ofMinutes(10));
        Range.zeroOr(NAME + "max-token-lifetime", maxTokenLifetime, Duration.ofSeconds(1), Duration.ofDays(3650));
    }

    TokenLife tokenLife() {
        return new TokenLife(tokenGrace, maxTokenLifetime);
    }

    /**
     * The key of the tokens.
     *
     * @param secret The key of the tokens (HS256), shared with the issuer: at least 32 bytes of UTF-8. Without any
     *     key the node makes one for development.
     * @param previousSecret A second key whose tokens are also accepted while the secret is being changed: at least
     *     32 bytes of UTF-8.
     */
    public record Jwt(@Nullable String secret, @Nullable String previousSecret) {

        private static final int MIN_SECRET_BYTES = 32;

        /** @throws IllegalArgumentException naming the property and the least length, never the secret */
        public Jwt {
            check("secret", secret);
            check("previous-secret", previousSecret);
            if (previousSecret != null && secret == null) {
                throw new IllegalArgumentException(
                        NAME + "jwt.previous-secret needs " + NAME + "jwt.secret, which takes its place");
            }
        }

        private static void check(String name, @Nullable String value) {
            if (value != null && bytes(value).length < MIN_SECRET_BYTES) {
                throw new IllegalArgumentException(NAME + "jwt." + name + " has " + bytes(value).length
                        + " bytes, but must have at least " + MIN_SECRET_BYTES + " for HS256");
            }
        }

        byte @Nullable [] secretBytes() {
            return secret == null ? null : bytes(secret);
        }

        byte @Nullable [] previousSecretBytes() {
            return previousSecret == null ? null : bytes(previousSecret);
        }

        private static byte[] bytes(String secret) {
            return secret.getBytes(StandardCharsets.UTF_8);
        }

        /** Never shows a secret. */
        @Override
        public String toString() {
            return "Jwt[secret=" + presence(secret) + ", previousSecret=" + presence(previousSecret) + "]";
        }

        private static String presence(@Nullable String value) {
            return value == null ? "absent" : "present";
        }
    }
}
