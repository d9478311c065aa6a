package dev.starling.security;

import java.util.ArrayList;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.server.resource.BearerTokenErrors;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Finds the token of a request in each of its places: lines {@code Authorization: Bearer}, entries {@code bearer.<token>} of {@code
 * Sec-WebSocket-Protocol} (the one header that a browser lets a page fill), and the parameter {@code access_token}. Other schemes are
 * somebody else's. All places that have a token must have the same one (RFC 6750, section 2): of two, a proxy may have checked the other.
 */
final class UpgradeTokenConverter implements ServerAuthenticationConverter {

    private static final String SCHEME = "Bearer";
    private static final String PROTOCOL_HEADER = "Sec-WebSocket-Protocol";
    private static final String PROTOCOL_PREFIX = "bearer.";

    @Override
    public Mono<Authentication> convert(ServerWebExchange exchange) {
        return Mono.defer(() -> {
            List<String> tokens = find(exchange.getRequest());
            if (tokens.isEmpty()) {
                return Mono.empty();
            }
            String token = tokens.get(0);
            if (!tokens.stream().allMatch(token::equals)) {
                return Mono.error(new OAuth2AuthenticationException(
                        BearerTokenErrors.invalidRequest("the request has several tokens that differ")));
            }
            return PresentedToken.isToken(token)
                    ? Mono.just(new PresentedToken(token))
                    : Mono.error(new InvalidBearerTokenException("the token is malformed"));
        });
    }

    private static List<String> find(ServerHttpRequest request) {
        List<String> tokens = new ArrayList<>(1);
        for (String line : request.getHeaders().getOrEmpty(HttpHeaders.AUTHORIZATION)) {
            addBearer(line.strip(), tokens);
        }
        for (String line : request.getHeaders().getOrEmpty(PROTOCOL_HEADER)) {
            addProtocols(line, tokens);
        }
        // QueryTokenHandler has moved these to the header, unless the request did not come through Netty's HTTP/1.1.
        tokens.addAll(AccessTokenQuery.parse(request.getURI().getRawQuery()).tokens());
        return tokens;
    }

    /** A line of the scheme alone has an empty token, which is malformed. */
    private static void addBearer(String line, List<String> tokens) {
        int length = SCHEME.length();
        if (line.regionMatches(true, 0, SCHEME, 0, length)
                && (line.length() == length || Character.isWhitespace(line.charAt(length)))) {
            tokens.add(line.substring(length).strip());
        }
    }

    private static void addProtocols(String line, List<String> tokens) {
        for (String protocol : line.split(",", -1)) {
            String name = protocol.strip();
            if (name.startsWith(PROTOCOL_PREFIX)) {
                tokens.add(name.substring(PROTOCOL_PREFIX.length()));
            }
        }
    }
}
