package dev.starling.websocket;

import dev.starling.security.UpgradeRefusal;
import dev.starling.security.UpgradeRefusals;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.channel.uring.IoUringTcpInfo;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.ChannelOperations;

/**
 * How long a request has waited for its event loop, and whether its client still waits for it. A node that is behind would
 * otherwise do the whole work of an upgrade for clients that have given up, and be behind for the next ones, too. The kernel
 * knows when the request came, even before its connection was accepted. An upgrade is looked at twice: as soon as it is
 * read, where a refusal costs least, and by the first filter, which also sees event streams. Thread-safe.
 */
final class UpgradeWait {

    private static final FastThreadLocal<EpollTcpInfo> INFO = new FastThreadLocal<>() {
        @Override
        protected EpollTcpInfo initialValue() {
            return new EpollTcpInfo();
        }
    };

    /** The peer has closed its side (Linux, {@code include/net/tcp_states.h}). */
    private static final int CLOSE_WAIT = 8;

    private static final long LEFT = -1;

    private final long longestMillis;
    private final UpgradeRefusals refusals;
    private final Counter abandoned;

    /** @param longest zero: any wait will do */
    UpgradeWait(Duration longest, UpgradeRefusals refusals, MeterRegistry registry) {
        this.refusals = refusals;
        longestMillis = longest.isZero() ? Long.MAX_VALUE : longest.toMillis();
        abandoned = Counter.builder("ws.upgrade.abandoned")
                .description("Upgrades and event streams whose client had left before its turn came")
                .register(registry);
    }

    /** Ends the connection if this is an upgrade that comes too late; whether it did. Called on its event loop. */
    boolean ends(ChannelHandlerContext context, HttpRequest request) {
        if (!request.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
            return false;
        }
        long waited = waitedMillis(context.channel());
        if (waited == LEFT) {
            abandoned.increment();
            context.close();
            return true;
        }
        if (waited <= longestMillis) {
            return false;
        }
        context.writeAndFlush(refusals.answer(UpgradeRefusal.OVERLOADED)).addListener(ChannelFutureListener.CLOSE);
        return true;
    }

    /**
     * Whether the client has not waited too long. Completes on the event loop once all is read that the client has sent, its
     * end included; empty if it has left.
     */
    Mono<Boolean> isInTime(ServerWebExchange exchange) {
        Channel channel = channel(exchange);
        return Mono.create(sink -> channel.eventLoop().execute(() -> {
            long waited = channel.isActive() ? waitedMillis(channel) : LEFT;
            if (waited == LEFT) {
                abandoned.increment();
                sink.success();
            } else {
                sink.success(waited <= longestMillis);
            }
        }));
    }

    private static Channel channel(ServerWebExchange exchange) {
        Object netty = ServerHttpResponseDecorator.getNativeResponse(exchange.getResponse());
        return ((ChannelOperations<?, ?>) netty).channel();
    }

    /** Since the last byte of the request came; {@link #LEFT} if the client has left, 0 where the kernel does not tell. */
    private static long waitedMillis(Channel channel) {
        try {
            if (channel instanceof EpollSocketChannel socket) {
                EpollTcpInfo info = INFO.get();
                socket.tcpInfo(info);
                return info.state() == CLOSE_WAIT ? LEFT : info.lastDataRecv();
            }
            if (channel instanceof IoUringSocketChannel socket) {
                IoUringTcpInfo info = socket.tcpInfo();
                return info.state() == CLOSE_WAIT ? LEFT : info.lastDataRecv();
            }
            return 0;
        } catch (ChannelException gone) {
            return LEFT;
        }
    }
}
