package dev.starling.websocket;

import dev.starling.security.Admission;
import dev.starling.security.ClientAddressResolver;
import dev.starling.security.ConnectionLimits;
import dev.starling.security.ConnectionPermit;
import dev.starling.security.CorsPolicy;
import dev.starling.security.UpgradeRefusal;
import dev.starling.security.UpgradeRefusals;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * The first door: a node that is full, leaving or stormed turns clients away before it spends anything on them, above all no
 * signature. Who passes holds a permit, which goes back here if the request comes to nothing, else with the session.
 */
final class AdmissionFilter implements WebFilter, Ordered {

    private static final String PERMIT = AdmissionFilter.class.getName() + ".permit";

    private static final PathPattern STREAMS = PathPatternParser.defaultInstance.parse(EventStreams.PATH);

    private final ApplicationContext context;
    private final PathPattern upgrades;
    private final ConnectionLimits limits;
    private final ClientAddressResolver addresses;
    private final UpgradeRefusals refusals;
    private final SessionDrain drain;
    private final UpgradeWait wait;
    private final CorsPolicy cors;

    AdmissionFilter(
            ApplicationContext context,
            String path,
            ConnectionLimits limits,
            ClientAddressResolver addresses,
            UpgradeRefusals refusals,
            SessionDrain drain,
            UpgradeWait wait,
            CorsPolicy cors) {
        this.context = context;
        this.upgrades = PathPatternParser.defaultInstance.parse(path);
        this.limits = limits;
        this.addresses = addresses;
        this.refusals = refusals;
        this.drain = drain;
        this.wait = wait;
        this.cors = cors;
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 10;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        PathContainer asked = exchange.getRequest().getPath().pathWithinApplication();
        boolean isStream = STREAMS.matches(asked);
        if (!isStream && !upgrades.matches(asked)) {
            return chain.filter(exchange);
        }
        if (exchange.getApplicationContext() != context) {
            exchange.getResponse().setStatusCode(HttpStatus.NOT_FOUND); // the management port serves no clients
            return exchange.getResponse().setComplete();
        }
        if (isStream && exchange.getRequest().getMethod().equals(HttpMethod.GET)) {
            UpgradeRefusals.countAsUpgrade(exchange);
        }
        return UpgradeRefusals.isUpgrade(exchange.getRequest())
                ? look(exchange, chain)
                : cors.filter(exchange, allowed -> look(allowed, chain));
    }

    /** Does nothing for a client that has left, and little for one that is about to. */
    private Mono<Void> look(ServerWebExchange exchange, WebFilterChain chain) {
        return wait.isInTime(exchange)
                .flatMap(inTime ->
                        inTime ? admit(exchange, chain) : refusals.write(exchange, UpgradeRefusal.OVERLOADED));
    }

    private Mono<Void> admit(ServerWebExchange exchange, WebFilterChain chain) {
        if (drain.isDraining()) {
            return refusals.write(exchange, UpgradeRefusal.DRAINING);
        }
        Admission admission = limits.admit(addresses.of(exchange.getRequest()));
        if (admission instanceof Admission.Refused refused) {
            return refusals.write(exchange, refused.reason(), refused.retryAfterSeconds());
        }
        exchange.getAttributes().put(PERMIT, admission);
        return chain.filter(exchange).doFinally(signal -> giveBack(exchange));
    }

    /** The permit of an exchange that passed this filter. */
    static ConnectionPermit permit(ServerWebExchange exchange) {
        return exchange.getRequiredAttribute(PERMIT);
    }

    /** From here on the session holds the permit. */
    static void handOver(ServerWebExchange exchange) {
        exchange.getAttributes().remove(PERMIT);
    }

    private static void giveBack(ServerWebExchange exchange) {
        if (exchange.getAttributes().remove(PERMIT) instanceof ConnectionPermit permit) {
            permit.release();
        }
    }
}
