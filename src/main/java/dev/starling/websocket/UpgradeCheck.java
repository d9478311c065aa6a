package dev.starling.websocket;

import dev.starling.security.Problem;
import dev.starling.security.TokenVerifier;
import dev.starling.security.UpgradeRefusal;
import dev.starling.security.UpgradeRefusals;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.server.WebSocketService;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Tells who sends a plain {@code GET} to the WebSocket's address what an upgrade would be told, since a browser hides that from its page.
 * Most of it has been said by the doors on the way here; who would be let in is told to upgrade. All others go on to the handshake.
 */
final class UpgradeCheck implements WebSocketService {

    /** Of WebSocket there is one version (RFC 6455, section 4.1). */
    static final String VERSION_HEADER = "Sec-WebSocket-Version";

    static final String VERSION = "13";

    private static final Problem UPGRADE_REQUIRED =
            new Problem(HttpStatus.UPGRADE_REQUIRED, "This is the address of a WebSocket", null, "upgrade_required");

    private final WebSocketService handshake;
    private final TokenVerifier tokens;
    private final UpgradeRefusals refusals;

    UpgradeCheck(WebSocketService handshake, TokenVerifier tokens, UpgradeRefusals refusals) {
        this.handshake = handshake;
        this.tokens = tokens;
        this.refusals = refusals;
    }

    @Override
    public Mono<Void> handleRequest(ServerWebExchange exchange, WebSocketHandler handler) {
        ServerHttpRequest request = exchange.getRequest();
        return UpgradeRefusals.isUpgrade(request) || !request.getMethod().equals(HttpMethod.GET)
                ? handshake.handleRequest(exchange, handler)
                : check(exchange);
    }

    private Mono<Void> check(ServerWebExchange exchange) {
        return exchange.getPrincipal()
                .map(tokens::of)
                .flatMap(token -> AdmissionFilter.permit(exchange).claimUser(token.user())
                        ? requireUpgrade(exchange)
                        : refusals.write(exchange, UpgradeRefusal.USER_LIMIT));
    }

    /** Answers what is no upgrade to RFC 6455 with 426 (RFC 9110, section 15.5.22). */
    static Mono<Void> requireUpgrade(ServerWebExchange exchange) {
        HttpHeaders headers = exchange.getResponse().getHeaders();
        headers.setUpgrade("websocket");
        headers.setConnection(HttpHeaders.UPGRADE);
        headers.set(VERSION_HEADER, VERSION);
        return UPGRADE_REQUIRED.write(exchange);
    }
}
