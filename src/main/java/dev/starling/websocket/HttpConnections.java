package dev.starling.websocket;

import dev.starling.security.HttpLimits;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * The TCP connections of this node that are no sessions. A leaving node has each of them closed with its next answer; once
 * its sessions are gone it takes no new ones, and waits for those that have a request. Thread-safe.
 */
final class HttpConnections {

    private static final String FAREWELL = "starling.farewell";

    private final HttpLimits limits;
    private final Map<End, Counter> ends = new EnumMap<>(End.class);
    private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();
    private final Farewell farewell = new Farewell();
    private volatile @Nullable Listener listener;
    private volatile boolean leaving;

    HttpConnections(HttpLimits limits, MeterRegistry registry) {
        this.limits = limits;
        Gauge.builder("ws.http.connections", limits, HttpLimits::connections)
                .description("TCP connections that are no sessions")
                .register(registry);
        for (End end : End.values()) {
            ends.put(
                    end,
                    Counter.builder("ws.http.connections.ended")
                            .description("TCP connections that were ended by the node, by reason")
                            .tag("reason", end.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
    }

    /** Why the node ended a connection. */
    enum End {
        /** The node had as many as it may have. */
        NODE_LIMIT,
        /** The address had as many as it may have. */
        ADDRESS_LIMIT,
        /** What the client sent was no HTTP. */
        BAD_REQUEST,
        /** The client sent more requests than may wait, or did not take the answers. */
        PIPELINE_LIMIT,
        /** The rest of a request did not come soon after its answer. */
        SLOW_REQUEST,
        /** An answer was not read. */
        SLOW_READER
    }

    /** Remembers where the node listens. The management port, if there is another one, listens as long as the process. */
    void listensAt(Channel channel) {
        listener = new Listener(channel);
    }

    /** Takes a new connection, or closes it; on its event loop. */
    void accept(Channel channel) {
        String key = limits.key(channel.remoteAddress());
        HttpLimits.Refusal refusal = limits.enter(key);
        if (refusal != null) {
            count(refusal == HttpLimits.Refusal.NODE_LIMIT ? End.NODE_LIMIT : End.ADDRESS_LIMIT);
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
            return;
        }
        HttpConnection connection = new HttpConnection(this, key);
        open.add(connection);
        ChannelPipeline pipeline = channel.pipeline();
        connection.addTo(pipeline);
        if (pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
            pipeline.addAfter(NettyPipeline.HttpTrafficHandler, FAREWELL, farewell);
        }
    }

    /** The connection becomes a session, which has limits of its own. */
    static void handOver(ChannelPipeline pipeline) {
        HttpConnection.removeFrom(pipeline);
        if (pipeline.get(FAREWELL) != null) {
            pipeline.remove(FAREWELL);
        }
    }

    void leave(HttpConnection connection, @Nullable String key) {
        if (open.remove(connection)) {
            limits.leave(key);
        }
    }

    @SuppressWarnings("NullAway") // the constructor put one for each reason
    void count(End why) {
        ends.get(why).increment();
    }

    /** From now on each connection ends with its next answer. */
    void sayFarewell() {
        leaving = true;
    }

    /** One tick after the sessions are gone: takes no new connections, and closes those without a request. True if none is left. */
    boolean emptied() {
        Listener port = listener;
        boolean closed = port == null || port.close();
        open.forEach(HttpConnections::tick);
        return closed && open.isEmpty();
    }

    private static void tick(HttpConnection connection) {
        try {
            connection.leave();
        } catch (RejectedExecutionException gone) {
            // An event loop that takes no tasks has closed its connections.
        }
    }

    int size() {
        return open.size();
    }

    /** Tells the client of a leaving node to send its next request elsewhere. Stands where Reactor Netty still heeds it. */
    @ChannelHandler.Sharable
    private final class Farewell extends ChannelDuplexHandler {

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (leaving
                    && message instanceof HttpResponse response
                    && response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
                response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            context.write(message, promise);
        }
    }
}
