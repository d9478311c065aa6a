package dev.starling.security;

import java.util.function.Function;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Lets callers in by token or API key and scope, for a handler that stands in front of Spring Security's filter chain: verified by
 * the same parts and refused with the same answers, at a fraction of the cost. Thread-safe.
 */
public final class ApiDoor {

    private final ServerAuthenticationConverter converter;
    private final ReactiveAuthenticationManager manager;
    private final SecurityProblems problems;

    ApiDoor(ServerAuthenticationConverter converter, ReactiveAuthenticationManager manager, SecurityProblems problems) {
        this.converter = converter;
        this.manager = manager;
        this.problems = problems;
    }

    /**
     * Hands a caller with this scope to the handler, and answers any other caller with 401 or 403. Completes when the response is
     * written.
     *
     * @param scope as in the token, such as {@code publish}
     */
    public Mono<Void> admit(ServerWebExchange exchange, String scope, Function<VerifiedToken, Mono<Void>> handler) {
        return converter
                .convert(exchange)
                .flatMap(manager::authenticate)
                .switchIfEmpty(Mono.error(() -> new AuthenticationCredentialsNotFoundException("no token")))
                .map(caller -> answer(exchange, caller, "SCOPE_" + scope, handler))
                .onErrorResume(
                        AuthenticationException.class, refused -> Mono.just(problems.commence(exchange, refused)))
                .flatMap(answer -> answer);
    }

    private Mono<Void> answer(
            ServerWebExchange exchange,
            Authentication caller,
            String authority,
            Function<VerifiedToken, Mono<Void>> handler) {
        for (GrantedAuthority granted : caller.getAuthorities()) {
            if (authority.equals(granted.getAuthority())) {
                return handler.apply(((VerifiedAuthentication) caller).getPrincipal());
            }
        }
        return problems.handle(exchange, new AccessDeniedException("the scope is missing"));
    }
}
