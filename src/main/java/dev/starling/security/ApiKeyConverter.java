package dev.starling.security;

import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/** Finds the API key of a request to the API, in the header {@value #HEADER}; all else has a token, if anything. */
final class ApiKeyConverter implements ServerAuthenticationConverter {

    static final String HEADER = "X-API-Key";

    private static final PathPattern API = PathPatternParser.defaultInstance.parse("/api/**");

    private final ServerAuthenticationConverter tokens;

    /** @param tokens finds the token where there is no key */
    ApiKeyConverter(ServerAuthenticationConverter tokens) {
        this.tokens = tokens;
    }

    @Override
    public Mono<Authentication> convert(ServerWebExchange exchange) {
        String key = exchange.getRequest().getHeaders().getFirst(HEADER);
        return key != null && API.matches(exchange.getRequest().getPath().pathWithinApplication())
                ? Mono.just(new PresentedKey(key))
                : tokens.convert(exchange);
    }
}
