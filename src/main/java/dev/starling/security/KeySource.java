package dev.starling.security;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Where the key of the tokens comes from. */
enum KeySource {
    /** Nothing is configured: a key is made at start, see {@link DevelopmentToken}. */
    DEVELOPMENT,
    /** {@code starling.security.jwt.secret}. */
    SECRET,
    /** An EC key in Spring's {@code public-key-location}, which Spring Boot reads for RSA only. */
    EC_PUBLIC_KEY,
    /** Another of Spring's own properties. */
    SPRING;

    static final String SECRET_PROPERTY = "starling.security.jwt.secret";
    static final String SPRING_PREFIX = "spring.security.oauth2.resourceserver.jwt.";
    private static final String PUBLIC_KEY = SPRING_PREFIX + "public-key-location";
    private static final List<String> REMOTE_KEYS =
            List.of(SPRING_PREFIX + "issuer-uri", SPRING_PREFIX + "jwk-set-uri");

    /** @throws ConflictingKeysException if both a secret and another key are configured */
    static KeySource of(Environment environment) {
        boolean remote = REMOTE_KEYS.stream().anyMatch(name -> StringUtils.hasText(environment.getProperty(name)));
        boolean publicKey = StringUtils.hasText(environment.getProperty(PUBLIC_KEY));
        if (environment.containsProperty(SECRET_PROPERTY)) {
            if (remote || publicKey) {
                throw new ConflictingKeysException();
            }
            return SECRET;
        }
        if (remote) {
            return SPRING;
        }
        if (publicKey) {
            return algorithms(environment).stream().allMatch(a -> a.startsWith("ES")) ? EC_PUBLIC_KEY : SPRING;
        }
        return DEVELOPMENT;
    }

    private static List<String> algorithms(Environment environment) {
        String name = SPRING_PREFIX + "jws-algorithms";
        String first = environment.getProperty(name, environment.getProperty(name + "[0]", "RS256"));
        return Arrays.stream(first.split(",", -1))
                .map(algorithm -> algorithm.strip().toUpperCase(Locale.ROOT))
                .toList();
    }

    /** Whether verifying a signature takes too long for an event loop. */
    boolean isExpensive() {
        return this == SPRING || this == EC_PUBLIC_KEY;
    }

    /** Matches where no key is configured. */
    static final class IsDevelopment implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return of(context.getEnvironment()) == DEVELOPMENT;
        }
    }

    /** Matches where Spring Boot makes no decoder, or one that cannot read the key. */
    static final class IsOwn implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return of(context.getEnvironment()) != SPRING;
        }
    }
}
