package dev.starling.websocket;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Closes a connection whose request line and headers are not complete in time, however steadily they drip ("slow loris").
 * Sits on both sides of the HTTP codec: the outer side sees bytes, the inner side sees when they have become a request. It
 * goes away with the upgrade.
 */
final class RequestTimeout extends ChannelInboundHandlerAdapter {

    private static final String INNER = "starling.requestTimeout";
    private static final String OUTER = "starling.requestBytes";

    private final Duration timeout;
    private @Nullable ScheduledFuture<?> timer;
    private boolean inRequest;

    /** Whether the bytes that are being read end a request. */
    private boolean isCompleted;

    private RequestTimeout(Duration timeout) {
        this.timeout = timeout;
    }

    static void addTo(ChannelPipeline pipeline, Duration timeout) {
        if (!timeout.isZero() && pipeline.get(NettyPipeline.HttpCodec) != null) {
            RequestTimeout inner = new RequestTimeout(timeout);
            pipeline.addBefore(NettyPipeline.HttpCodec, OUTER, inner.new Bytes());
            pipeline.addAfter(NettyPipeline.HttpCodec, INNER, inner);
        }
    }

    static void removeFrom(ChannelPipeline pipeline) {
        if (pipeline.get(INNER) != null) {
            pipeline.remove(INNER);
            pipeline.remove(OUTER);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest) {
            inRequest = true;
            disarm();
        }
        if (message instanceof LastHttpContent) {
            inRequest = false;
            isCompleted = true;
        }
        context.fireChannelRead(message);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        disarm();
    }

    private void arm(ChannelHandlerContext context) {
        if (!inRequest && timer == null) {
            timer = context.executor().schedule(() -> context.close(), timeout.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void disarm() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private final class Bytes extends ChannelInboundHandlerAdapter {

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            arm(context); // a client that connects and says nothing waits for the same timer
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            isCompleted = false;
            context.fireChannelRead(message);
            if (!isCompleted && !context.isRemoved()) { // most requests come as a whole, and need no timer
                arm(context);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            disarm();
            context.fireChannelInactive();
        }
    }
}
