package dev.starling.security;

import org.springframework.http.server.PathContainer;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Finds the API key of a request to the API, in the header {@value #HEADER}; all else has a token, if anything. */
final class ApiKeyConverter implements ServerAuthenticationConverter {

    static final String HEADER = "X-API-Key";

    private static final String API = "/api/";

    private final ServerAuthenticationConverter tokens;

    /** @param tokens finds the token where there is no key */
    ApiKeyConverter(ServerAuthenticationConverter tokens) {
        this.tokens = tokens;
    }

    @Override
    public Mono<Authentication> convert(ServerWebExchange exchange) {
        String key = exchange.getRequest().getHeaders().getFirst(HEADER);
        PathContainer path = exchange.getRequest().getPath().pathWithinApplication();
        return key != null && path.value().startsWith(API)
                ? Mono.just(new PresentedKey(key))
                : tokens.convert(exchange);
    }
}
