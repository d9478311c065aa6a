package dev.starling.websocket;

import dev.starling.security.ClientAddressResolver;
import dev.starling.security.ConnectionPermit;
import dev.starling.security.TokenVerifier;
import dev.starling.security.UpgradeRefusal;
import dev.starling.security.UpgradeRefusals;
import dev.starling.security.VerifiedToken;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import java.nio.channels.ClosedChannelException;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.util.context.Context;

/**
 * Upgrades on Reactor Netty, as Spring's own strategy does, but lets nothing of the request live on: neither its headers nor
 * the exchange and the security context, which the Reactor context would hold as long as the connection. It chooses subprotocol and
 * extension itself, from all lines of their headers.
 */
final class UpgradeStrategy {

    private final ClientAddressResolver addresses;
    private final UpgradeRefusals refusals;
    private final TokenVerifier tokens;
    private final int maxMessageBytes;
    private final boolean compression;

    /** @param compression whether to accept offers of it */
    UpgradeStrategy(
            ClientAddressResolver addresses,
            UpgradeRefusals refusals,
            TokenVerifier tokens,
            int maxMessageBytes,
            boolean compression) {
        this.addresses = addresses;
        this.refusals = refusals;
        this.tokens = tokens;
        this.maxMessageBytes = maxMessageBytes;
        this.compression = compression;
    }

    /** Answers a handshake that keeps the rules. Completes when the connection is gone. */
    Mono<Void> upgrade(ServerWebExchange exchange, WebSocketHandler handler) {
        ConnectionPermit permit = AdmissionFilter.permit(exchange);
        return exchange.getPrincipal()
                .map(tokens::of)
                .flatMap(token -> permit.claimUser(token.user())
                        ? switchProtocols(exchange, handler, token, permit)
                        : refusals.write(exchange, UpgradeRefusal.USER_LIMIT));
    }

    private Mono<Void> switchProtocols(
            ServerWebExchange exchange, WebSocketHandler handler, VerifiedToken token, ConnectionPermit permit) {
        ServerHttpResponse response = exchange.getResponse();
        HttpServerResponse netty = ServerHttpResponseDecorator.getNativeResponse(response);
        NettyDataBufferFactory buffers = (NettyDataBufferFactory) response.bufferFactory();
        HttpServerRequest request = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        HttpHeaders offered = exchange.getRequest().getHeaders();
        String subprotocol = Handshake.subprotocol(offered);
        boolean deflates = compression && Compression.isOffered(offered.getOrEmpty(Compression.HEADER));
        if (subprotocol != null) {
            response.getHeaders().set(Handshake.PROTOCOL_HEADER, subprotocol);
        }
        if (deflates) {
            response.getHeaders().set(Compression.HEADER, Compression.NAME);
        }
        request.requestHeaders()
                .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET) // Netty does not take a list
                .remove(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL); // Netty would log the token in it
        UpgradeInfo info = new UpgradeInfo(subprotocol, token, addresses.of(exchange.getRequest()), permit, deflates);
        WebsocketServerSpec spec = WebsocketServerSpec.builder()
                .maxFramePayloadLength(maxMessageBytes)
                .handlePing(true) // so that a client's ping is a sign of life
                .build();
        return response.setComplete()
                .then(Mono.defer(() -> netty.sendWebsocket(
                        (inbound, outbound) -> {
                            AdmissionFilter.handOver(exchange);
                            return handler.handle(
                                    new UpgradedSession(inbound, outbound, info, buffers, maxMessageBytes));
                        },
                        spec)))
                // Who has left before the answer is nobody's fault; Reactor Netty would log it as an error.
                .onErrorResume(UpgradeStrategy::isGone, gone -> Mono.empty())
                .contextWrite(context -> Context.empty());
    }

    /** Whether a failure says no more than that the client has left. */
    static boolean isGone(Throwable failure) {
        return failure instanceof ClosedChannelException || AbortedException.isConnectionReset(failure);
    }
}
