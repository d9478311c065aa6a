package dev.starling.security;

import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Gives each response the headers that keep browsers from storing, sniffing and framing it; handlers may replace them. They are set
 * before the response is made, because hooking into its commit, as Spring Security does, costs more than the headers. The response to
 * an upgrade needs none.
 */
final class StandardHeaders implements WebFilter, Ordered {

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 1;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        if (!UpgradeRefusals.isUpgrade(request)) {
            HttpHeaders headers = exchange.getResponse().getHeaders();
            headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("X-Frame-Options", "DENY");
            if ("https".equals(request.getURI().getScheme())) {
                headers.set("Strict-Transport-Security", "max-age=31536000");
            }
        }
        return chain.filter(exchange);
    }
}
