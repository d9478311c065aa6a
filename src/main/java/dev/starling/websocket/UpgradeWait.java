package dev.starling.websocket;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.ChannelOperations;

/**
 * How long a request has waited for its event loop, and whether its client still waits for it. A node that is behind would
 * else do the whole work of an upgrade for clients that have given up, and be behind for the next ones, too. The kernel
 * knows when the request came, also while nobody had accepted its connection. Thread-safe.
 */
final class UpgradeWait {

    private static final FastThreadLocal<EpollTcpInfo> INFO = new FastThreadLocal<>() {
        @Override
        protected EpollTcpInfo initialValue() {
            return new EpollTcpInfo();
        }
    };

    private final long longestMillis;
    private final Counter abandoned;

    /** @param longest zero: any wait will do */
    UpgradeWait(Duration longest, MeterRegistry registry) {
        longestMillis = longest.isZero() ? Long.MAX_VALUE : longest.toMillis();
        abandoned = Counter.builder("ws.upgrade.abandoned")
                .description("Upgrades and event streams whose client had left before its turn came")
                .register(registry);
    }

    /**
     * Whether the client has not waited too long. Completes on the event loop once all is read that the client has sent, its
     * end included; empty if it has left.
     */
    Mono<Boolean> isInTime(ServerWebExchange exchange) {
        Channel channel = channel(exchange);
        return Mono.create(sink -> channel.eventLoop().execute(() -> {
            if (channel.isActive()) {
                sink.success(waitedMillis(channel) <= longestMillis);
            } else {
                abandoned.increment();
                sink.success();
            }
        }));
    }

    private static Channel channel(ServerWebExchange exchange) {
        Object netty = ServerHttpResponseDecorator.getNativeResponse(exchange.getResponse());
        return ((ChannelOperations<?, ?>) netty).channel();
    }

    /** Since the last byte of the request came; 0 where the kernel does not tell. */
    private static long waitedMillis(Channel channel) {
        try {
            if (channel instanceof EpollSocketChannel socket) {
                EpollTcpInfo info = INFO.get();
                socket.tcpInfo(info);
                return info.lastDataRecv();
            }
            return channel instanceof IoUringSocketChannel socket
                    ? socket.tcpInfo().lastDataRecv()
                    : 0;
        } catch (ChannelException gone) {
            return 0;
        }
    }
}
