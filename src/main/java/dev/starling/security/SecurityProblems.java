package dev.starling.security;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.server.resource.BearerTokenErrorCodes;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.security.web.server.WebFilterExchange;
import org.springframework.security.web.server.authentication.ServerAuthenticationFailureHandler;
import org.springframework.security.web.server.authorization.ServerAccessDeniedHandler;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Answers what Spring Security does not let in, upgrades and other requests alike, with {@code application/problem+json}. */
final class SecurityProblems
        implements ServerAuthenticationEntryPoint, ServerAuthenticationFailureHandler, ServerAccessDeniedHandler {

    private static final Logger log = LoggerFactory.getLogger(SecurityProblems.class);
    private static final Problem FORBIDDEN =
            new Problem(HttpStatus.FORBIDDEN, "The token does not allow this", null, "forbidden");

    private final UpgradeRefusals refusals;
    // While the issuer is away, each client that comes is one more of the same.
    private final AcceptRate logRate = new AcceptRate(1, System::nanoTime);

    SecurityProblems(UpgradeRefusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public Mono<Void> onAuthenticationFailure(WebFilterExchange exchange, AuthenticationException error) {
        return commence(exchange.getExchange(), error);
    }

    @Override
    public Mono<Void> commence(ServerWebExchange exchange, AuthenticationException error) {
        if (error instanceof AuthenticationServiceException) {
            if (logRate.take()) {
                log.warn("Cannot verify tokens: {}", rootMessage(error));
            }
            return refusals.write(exchange, UpgradeRefusal.NOT_READY);
        }
        HttpHeaders headers = exchange.getResponse().getHeaders();
        if (error instanceof OAuth2AuthenticationException oauth
                && oauth.getError().getErrorCode().equals(BearerTokenErrorCodes.INVALID_REQUEST)) {
            headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_request\"");
            return refusals.write(exchange, UpgradeRefusal.SEVERAL_TOKENS);
        }
        if (error instanceof OAuth2AuthenticationException) {
            headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"");
            return refusals.write(exchange, UpgradeRefusal.INVALID_TOKEN, 0, error.getMessage());
        }
        headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        return refusals.write(exchange, UpgradeRefusal.NO_TOKEN);
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, AccessDeniedException error) {
        return FORBIDDEN.write(exchange);
    }

    private static String rootMessage(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }
}
