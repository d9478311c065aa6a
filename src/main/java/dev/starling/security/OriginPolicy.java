package dev.starling.security;

import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Which web pages may open a WebSocket. Browsers let any page connect to any server, and say only in {@code Origin} whose page it is (RFC
 * 6455, section 10.2). A request without the header comes from no browser and passes; so does one from the node's own origin, which means
 * that host and port of {@code Origin} and {@code Host} agree. Behind a proxy that changes {@code Host}, list the origin.
 *
 * <p>With a development key, pages of this machine ({@code localhost}, {@code 127.0.0.1}, {@code [::1]}, any port) may connect, too: a
 * front end under development is usually served from another port, and no page can guess the token.
 */
public final class OriginPolicy implements WebFilter, Ordered {

    /** Before Spring Security's filter (-100), which is the more expensive. */
    public static final int ORDER = -150;

    private final List<AllowedOrigin> allowed;
    private final boolean development;
    private final UpgradeRefusals refusals;

    OriginPolicy(List<String> allowed, boolean development, UpgradeRefusals refusals) {
        this.allowed = allowed.stream().map(AllowedOrigin::parse).toList();
        this.development = development;
        this.refusals = refusals;
    }

    @Override
    public int getOrder() {
        return ORDER;
    }

    /** Refuses an upgrade from a foreign page with 403; other requests pass. */
    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        return (!UpgradeRefusals.isUpgrade(request) || allows(request.getHeaders()))
                ? chain.filter(exchange)
                : refusals.write(exchange, UpgradeRefusal.ORIGIN);
    }

    boolean allows(HttpHeaders headers) {
        List<String> origins = headers.getOrEmpty(HttpHeaders.ORIGIN);
        if (origins.isEmpty()) {
            return true;
        }
        Origin origin = Origin.parse(origins.get(0));
        if (origin != null && (origin.isAt(headers.getFirst(HttpHeaders.HOST)) || (development && origin.isLocal()))) {
            return origins.size() == 1;
        }
        return origins.size() == 1 && allowed.stream().anyMatch(entry -> entry.allows(origin));
    }
}
