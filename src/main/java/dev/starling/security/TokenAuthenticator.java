package dev.starling.security;

import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import reactor.core.publisher.Mono;

/** Lets Spring Security verify tokens by {@link TokenVerifier}, so that there is one way only, and keys by {@link ApiKeys}. */
final class TokenAuthenticator implements ReactiveAuthenticationManager {

    private final TokenVerifier verifier;
    private final ApiKeys keys;

    TokenAuthenticator(TokenVerifier verifier, ApiKeys keys) {
        this.verifier = verifier;
        this.keys = keys;
    }

    @Override
    public Mono<Authentication> authenticate(Authentication authentication) {
        if (authentication instanceof PresentedKey presented) {
            return Mono.<Authentication>justOrEmpty(keys.find(presented.getCredentials()))
                    .switchIfEmpty(Mono.error(
                            () -> new InvalidBearerTokenException("there is no such API key, or it was revoked")));
        }
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
