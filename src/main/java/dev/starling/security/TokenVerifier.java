package dev.starling.security;

import java.security.Principal;
import org.springframework.core.convert.converter.Converter;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Verifies tokens, those of an upgrade and those of {@code refresh} and {@code subscribe} frames alike: signature, times, issuer and
 * audience by the configured decoder, then the claims of this server. Thread-safe.
 */
public final class TokenVerifier {

    /** More than any sensible token has; the rest would only cost time to parse. */
    static final int MAX_TOKEN_LENGTH = 16_384;

    private final ReactiveJwtDecoder decoder;
    private final Converter<Jwt, Mono<AbstractAuthenticationToken>> authorities;
    private final String userClaim;
    private final boolean expensive;
    private final TokenLife life;
    private final RefusalList refusals;

    /**
     * @param authorities finds the authorities of a token
     * @param userClaim the claim that names the user
     * @param expensive whether a verification takes too long for an event loop
     * @param life how long tokens are good
     * @param refusals the tokens that are good for nothing though they are valid
     */
    TokenVerifier(
            ReactiveJwtDecoder decoder,
            Converter<Jwt, Mono<AbstractAuthenticationToken>> authorities,
            String userClaim,
            boolean expensive,
            TokenLife life,
            RefusalList refusals) {
        this.decoder = decoder;
        this.authorities = authorities;
        this.userClaim = userClaim;
        this.expensive = expensive;
        this.life = life;
        this.refusals = refusals;
    }

    /**
     * Verifies a token. May complete on another thread than it was subscribed on.
     *
     * @return the token, or an {@link InvalidTokenException}, or a {@link KeysUnavailableException} if it cannot be verified now
     */
    public Mono<VerifiedToken> verify(String token) {
        return decode(token).map(this::claims).onErrorMap(TokenVerifier::translate);
    }

    /**
     * The token of a request that Spring Security has let in.
     *
     * @throws InvalidTokenException if the request was not let in by a token with valid claims
     */
    public VerifiedToken of(Principal principal) {
        if (principal instanceof VerifiedAuthentication authentication) {
            return authentication.getPrincipal();
        }
        if (principal instanceof JwtAuthenticationToken authentication) {
            return claims(authentication.getToken());
        }
        throw new InvalidTokenException("the request has no token");
    }

    /** Whether an operator refuses a token that was valid, or its user. */
    public boolean isRefused(VerifiedToken token) {
        return refusals.refuses(token);
    }

    /** Whether a token that was valid still is, for requests that outlast the check at their beginning. */
    public boolean isStillValid(VerifiedToken token) {
        return !isRefused(token) && !token.isOver(System.currentTimeMillis(), life.grace());
    }

    /** As {@link #verify}, with the authorities. */
    Mono<VerifiedAuthentication> authenticate(String token) {
        return decode(token)
                .flatMap(jwt -> {
                    VerifiedToken verified = claims(jwt);
                    return authorities.convert(jwt).map(a -> new VerifiedAuthentication(verified, a.getAuthorities()));
                })
                .onErrorMap(TokenVerifier::translate);
    }

    private Mono<Jwt> decode(String token) {
        if (token.length() > MAX_TOKEN_LENGTH) {
            return Mono.error(new InvalidTokenException("the token is too long"));
        }
        Mono<Jwt> jwt = Mono.defer(() -> decoder.decode(token));
        // One signature on an elliptic curve takes as long as the fan-out of thousands of messages.
        return expensive ? jwt.subscribeOn(Schedulers.parallel()) : jwt;
    }

    private VerifiedToken claims(Jwt jwt) {
        VerifiedToken token = VerifiedToken.of(jwt, userClaim);
        if (refusals.refuses(token)) {
            throw new InvalidTokenException("the token was revoked");
        }
        life.check(token, System.currentTimeMillis());
        return token;
    }

    /** Causes are dropped where a client can cause them: what the parsers say can have parts of the token in it. */
    private static RuntimeException translate(Throwable error) {
        if (error instanceof InvalidTokenException e) {
            return e;
        }
        if (error instanceof JwtValidationException e) {
            return new InvalidTokenException(String.valueOf(e.getMessage()));
        }
        return error instanceof JwtException
                ? new InvalidTokenException("the token is malformed, or its signature is not valid")
                : new KeysUnavailableException(error);
    }
}
