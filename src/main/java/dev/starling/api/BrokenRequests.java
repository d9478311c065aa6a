package dev.starling.api;

import java.nio.channels.ClosedChannelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Ends requests that have no answer: the client has left, or Netty has already answered with 400 because the body can't be decoded.
 * Neither is a fault of the server, so nothing is logged and no status is counted. Stands in front of all handlers, those of Actuator
 * included.
 */
final class BrokenRequests implements WebFilter, Ordered {

    private static final Logger log = LoggerFactory.getLogger(BrokenRequests.class);

    /** Reactor Netty cancels the handler of a connection that was reset and then drops the error, which Reactor would log. */
    BrokenRequests() {
        Hooks.onErrorDropped(failure -> {
            if (!isGone(failure)) {
                log.atError().setCause(failure).log("http.error_dropped");
            }
        });
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        return chain.filter(exchange)
                .onErrorResume(failure ->
                        isOver(failure, exchange) ? Mono.fromRunnable(() -> end(exchange)) : Mono.error(failure));
    }

    private static void end(ServerWebExchange exchange) {
        ServerRequestObservationContext.findCurrent(exchange.getAttributes())
                .ifPresent(observed -> observed.setConnectionAborted(true));
    }

    /** Whether a request that has failed can't be answered any more. */
    static boolean isOver(Throwable failure, ServerWebExchange exchange) {
        if (isGone(failure)) {
            return true;
        }
        HttpServerResponse netty = ServerHttpResponseDecorator.getNativeResponse(exchange.getResponse());
        return netty.hasSentHeaders() && !exchange.getResponse().isCommitted();
    }

    /** Whether a failure says no more than that the client has left. */
    static boolean isGone(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AbortedException
                    || cause instanceof ClosedChannelException
                    || AbortedException.isConnectionReset(cause)) {
                return true;
            }
        }
        return false;
    }
}
