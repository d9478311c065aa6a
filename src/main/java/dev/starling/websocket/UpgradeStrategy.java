package dev.starling.websocket;

import dev.starling.security.ClientAddressResolver;
import dev.starling.security.ConnectionPermit;
import dev.starling.security.TokenVerifier;
import dev.starling.security.UpgradeRefusal;
import dev.starling.security.UpgradeRefusals;
import dev.starling.security.VerifiedToken;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.reactive.socket.HandshakeInfo;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.server.RequestUpgradeStrategy;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.util.context.Context;

/**
 * Upgrades on Reactor Netty, as Spring's own strategy does, but lets nothing of the request live on: neither its headers nor
 * the exchange and the security context, which the Reactor context would hold as long as the connection.
 */
final class UpgradeStrategy implements RequestUpgradeStrategy {

    private static final URI NO_URI = URI.create("/");

    private final ClientAddressResolver addresses;
    private final UpgradeRefusals refusals;
    private final TokenVerifier tokens;
    private final int maxMessageBytes;

    UpgradeStrategy(
            ClientAddressResolver addresses, UpgradeRefusals refusals, TokenVerifier tokens, int maxMessageBytes) {
        this.addresses = addresses;
        this.refusals = refusals;
        this.tokens = tokens;
        this.maxMessageBytes = maxMessageBytes;
    }

    @Override
    public Mono<Void> upgrade(
            ServerWebExchange exchange,
            WebSocketHandler handler,
            @Nullable String subProtocol,
            Supplier<HandshakeInfo> unused) {
        if (!UpgradeCheck.VERSION.equals(exchange.getRequest().getHeaders().getFirst(UpgradeCheck.VERSION_HEADER))) {
            return UpgradeCheck.requireUpgrade(exchange);
        }
        ConnectionPermit permit = AdmissionFilter.permit(exchange);
        return exchange.getPrincipal()
                .map(tokens::of)
                .flatMap(token -> permit.claimUser(token.user())
                        ? switchProtocols(exchange, handler, subProtocol, token, permit)
                        : refusals.write(exchange, UpgradeRefusal.USER_LIMIT));
    }

    private Mono<Void> switchProtocols(
            ServerWebExchange exchange,
            WebSocketHandler handler,
            @Nullable String subProtocol,
            VerifiedToken token,
            ConnectionPermit permit) {
        ServerHttpResponse response = exchange.getResponse();
        HttpServerResponse netty = ServerHttpResponseDecorator.getNativeResponse(response);
        NettyDataBufferFactory buffers = (NettyDataBufferFactory) response.bufferFactory();
        UpgradeInfo info = new UpgradeInfo(NO_URI, subProtocol, token, addresses.of(exchange.getRequest()), permit);
        WebsocketServerSpec.Builder spec = WebsocketServerSpec.builder()
                .maxFramePayloadLength(maxMessageBytes)
                .handlePing(true); // so that a client's ping is a sign of life
        if (subProtocol != null) {
            spec.protocols(subProtocol);
        }
        return response.setComplete()
                .then(Mono.defer(() -> netty.sendWebsocket(
                        (inbound, outbound) -> {
                            AdmissionFilter.handOver(exchange);
                            return handler.handle(
                                    new UpgradedSession(inbound, outbound, info, buffers, maxMessageBytes));
                        },
                        spec.build())))
                // Who has left before the answer is nobody's fault; Reactor Netty would log it as an error.
                .onErrorResume(UpgradeStrategy::isGone, gone -> Mono.empty())
                .contextWrite(context -> Context.empty());
    }

    /** Whether a failure says no more than that the client has left. */
    static boolean isGone(Throwable failure) {
        return failure instanceof ClosedChannelException || AbortedException.isConnectionReset(failure);
    }
}
