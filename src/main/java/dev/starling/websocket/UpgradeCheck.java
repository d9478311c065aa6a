package dev.starling.websocket;

import dev.starling.security.Problem;
import dev.starling.security.TokenVerifier;
import dev.starling.security.UpgradeRefusal;
import dev.starling.security.UpgradeRefusals;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.server.WebSocketService;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Decides what a request to the WebSocket's address is: a handshake, which goes on to the {@link UpgradeStrategy}; one that breaks a
 * rule, which is refused; or a plain {@code GET}, which is answered with the status that an upgrade would get, since a browser hides
 * that from its page.
 */
final class UpgradeCheck implements WebSocketService {

    private static final Problem UPGRADE_REQUIRED =
            new Problem(HttpStatus.UPGRADE_REQUIRED, "This is the address of a WebSocket", null, "upgrade_required");

    private final UpgradeStrategy strategy;
    private final TokenVerifier tokens;
    private final UpgradeRefusals refusals;

    UpgradeCheck(UpgradeStrategy strategy, TokenVerifier tokens, UpgradeRefusals refusals) {
        this.strategy = strategy;
        this.tokens = tokens;
        this.refusals = refusals;
    }

    @Override
    public Mono<Void> handleRequest(ServerWebExchange exchange, WebSocketHandler handler) {
        ServerHttpRequest request = exchange.getRequest();
        if (!request.getMethod().equals(HttpMethod.GET)) {
            return Mono.error(new MethodNotAllowedException(request.getMethod(), List.of(HttpMethod.GET)));
        }
        if (!UpgradeRefusals.isUpgrade(request) || !Handshake.mayUpgrade(request)) {
            return check(exchange);
        }
        String fault = Handshake.fault(request.getHeaders());
        if (fault != null) {
            return refusals.write(exchange, UpgradeRefusal.BAD_HANDSHAKE, 0, fault);
        }
        return Handshake.hasVersion(request.getHeaders())
                ? strategy.upgrade(exchange, handler)
                : requireUpgrade(exchange);
    }

    private Mono<Void> check(ServerWebExchange exchange) {
        return exchange.getPrincipal()
                .map(tokens::of)
                .flatMap(token -> AdmissionFilter.permit(exchange).claimUser(token.user())
                        ? requireUpgrade(exchange)
                        : refusals.write(exchange, UpgradeRefusal.USER_LIMIT));
    }

    /** Answers what is no upgrade to RFC 6455 with 426 (RFC 9110, section 15.5.22). */
    private static Mono<Void> requireUpgrade(ServerWebExchange exchange) {
        HttpHeaders headers = exchange.getResponse().getHeaders();
        headers.setUpgrade("websocket");
        headers.setConnection(HttpHeaders.UPGRADE);
        headers.set(Handshake.VERSION_HEADER, Handshake.VERSION);
        return UPGRADE_REQUIRED.write(exchange);
    }
}
