package dev.starling.security;

import java.time.Duration;
import org.springframework.security.oauth2.server.resource.authentication.ReactiveJwtAuthenticationConverter;
import reactor.core.publisher.Mono;

/** Verifiers of no token, for the tests of other rooms. */
public final class TestVerifier {

    private TestVerifier() {}

    /** One that knows whom an operator refuses. */
    public static TokenVerifier refusing(RefusalList refusals) {
        return new TokenVerifier(
                token -> Mono.error(new AssertionError("no token is verified here")),
                new ReactiveJwtAuthenticationConverter(),
                "sub",
                false,
                new TokenLife(Duration.ofSeconds(25), Duration.ZERO),
                refusals);
    }
}
