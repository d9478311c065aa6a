package dev.starling.security;

import java.time.Duration;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.reactive.CorsProcessor;
import org.springframework.web.cors.reactive.CorsUtils;
import org.springframework.web.cors.reactive.DefaultCorsProcessor;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Lets the pages that may open a WebSocket also read event streams, and what a plain {@code GET} of the WebSocket's address says:
 * browsers hide from a page why an upgrade was refused. Who may is decided by {@link OriginPolicy}, the headers are Spring's. Not for upgrades, which know no CORS.
 * Thread-safe.
 *
 * @see <a href="https://fetch.spec.whatwg.org/#http-cors-protocol">Fetch, section 3.3</a>
 */
public final class CorsPolicy {

    private static final Duration PREFLIGHT_AGE = Duration.ofMinutes(10);

    private final CorsProcessor processor = new DefaultCorsProcessor();
    private final CorsConfiguration headers = new CorsConfiguration();
    private final OriginPolicy origins;
    private final UpgradeRefusals refusals;

    CorsPolicy(OriginPolicy origins, UpgradeRefusals refusals) {
        this.origins = origins;
        this.refusals = refusals;
        headers.setAllowedOriginPatterns(List.of(CorsConfiguration.ALL)); // whoever comes so far
        headers.setAllowedMethods(List.of(HttpMethod.GET.name(), HttpMethod.HEAD.name()));
        headers.setAllowedHeaders(List.of(HttpHeaders.AUTHORIZATION, "Last-Event-ID"));
        headers.setExposedHeaders(List.of(HttpHeaders.RETRY_AFTER));
        headers.setMaxAge(PREFLIGHT_AGE);
    }

    /** Answers a preflight and whoever is not allowed; all others go on to {@code next}, with the headers in their response. */
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain next) {
        if (!origins.allows(exchange.getRequest().getHeaders())) {
            return refusals.write(exchange, UpgradeRefusal.ORIGIN);
        }
        boolean goesOn = processor.process(headers, exchange) && !CorsUtils.isPreFlightRequest(exchange.getRequest());
        return goesOn ? next.filter(exchange) : exchange.getResponse().setComplete();
    }
}
