package dev.starling.security;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Finds the token of a request: {@code Authorization: Bearer}, else an entry {@code bearer.<token>} of {@code Sec-WebSocket-Protocol}
 * (the one header that a browser lets a page fill), else the parameter {@code access_token}. The first of them that is there decides,
 * also if it is no good.
 */
final class UpgradeTokenConverter implements ServerAuthenticationConverter {

    private static final String SCHEME = "Bearer ";
    private static final String PROTOCOL_HEADER = "Sec-WebSocket-Protocol";
    private static final String PROTOCOL_PREFIX = "bearer.";

    @Override
    public Mono<Authentication> convert(ServerWebExchange exchange) {
        return Mono.defer(() -> {
            String token = find(exchange.getRequest());
            if (token == null) {
                return Mono.empty();
            }
            return PresentedToken.isToken(token)
                    ? Mono.just(new PresentedToken(token))
                    : Mono.error(new InvalidBearerTokenException("the token is malformed"));
        });
    }

    private static @Nullable String find(ServerHttpRequest request) {
        String authorization = request.getHeaders().getFirst(HttpHeaders.AUTHORIZATION);
        if (authorization != null && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return authorization.substring(SCHEME.length()).strip();
        }
        List<String> protocols = bearerProtocols(request.getHeaders().getOrEmpty(PROTOCOL_HEADER));
        if (!protocols.isEmpty()) {
            return protocols.size() == 1 ? protocols.get(0) : AccessTokenQuery.UNREADABLE;
        }
        // QueryTokenHandler has moved it to the header, unless the request did not come through Netty's HTTP/1.1.
        return AccessTokenQuery.parse(request.getURI().getRawQuery()).token();
    }

    /** The tokens in a list of subprotocols, as they are. */
    static List<String> bearerProtocols(List<String> headers) {
        List<String> tokens = new ArrayList<>(1);
        for (String header : headers) {
            for (String protocol : header.split(",", -1)) {
                String name = protocol.strip();
                if (name.startsWith(PROTOCOL_PREFIX)) {
                    tokens.add(name.substring(PROTOCOL_PREFIX.length()));
                }
            }
        }
        return tokens;
    }
}
