package dev.starling.security;

import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import reactor.core.publisher.Mono;

/** Lets Spring Security verify tokens by {@link TokenVerifier}, so that there is one way only. */
final class TokenAuthenticator implements ReactiveAuthenticationManager {

    private final TokenVerifier verifier;

    TokenAuthenticator(TokenVerifier verifier) {
        this.verifier = verifier;
    }

    @Override
    public Mono<Authentication> authenticate(Authentication authentication) {
        if (!(authentication instanceof PresentedToken presented)) {
            return Mono.empty();
        }
        return verifier.authenticate(presented.getCredentials())
                .cast(Authentication.class)
                .onErrorMap(InvalidTokenException.class, e -> new InvalidBearerTokenException(e.reason()))
                .onErrorMap(
                        KeysUnavailableException.class,
                        e -> new AuthenticationServiceException(String.valueOf(e.getMessage()), e));
    }
}
