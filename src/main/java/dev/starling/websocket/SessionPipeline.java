package dev.starling.websocket;

import dev.starling.security.QueryTokenHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.uring.IoUringChannelOption;
import reactor.netty.NettyPipeline;

/** Makes the Netty pipeline of a request that was let in that of a session. */
final class SessionPipeline {

    private SessionPipeline() {}

    /**
     * Takes out what was for the request, and puts our own decoder in; returns the way out. Call it on the channel's event loop,
     * while the channel is active.
     *
     * @param deflates whether client and server agreed on compression
     */
    static Outbox prepare(Channel channel, Liveness liveness, int maxMessageBytes, boolean deflates) {
        ChannelPipeline pipeline = channel.pipeline();
        removeRequest(pipeline);
        ChannelHandlerContext encoder = pipeline.context(Frames.ENCODER);
        Outbox outbox = deflates ? new DeflatingOutbox(encoder) : new Outbox(encoder);
        pipeline.replace(
                Frames.DECODER, Frames.DECODER, new SessionDecoder(liveness, outbox, maxMessageBytes, deflates));
        if (deflates) {
            pipeline.addAfter(Frames.DECODER, Frames.DEFLATER, Compression.encoder());
        }
        return outbox;
    }

    /**
     * The same for an event stream, whose response's head is written: what follows is no HTTP any more.
     *
     * @param timeoutMillis after how long the kernel gives up on a client that acknowledges nothing
     */
    static EventStreamHandler prepareStream(Channel channel, int timeoutMillis) {
        ChannelPipeline pipeline = channel.pipeline();
        removeRequest(pipeline);
        pipeline.remove(NettyPipeline.HttpTrafficHandler);
        EventStreamHandler handler = new EventStreamHandler();
        pipeline.replace(NettyPipeline.HttpCodec, Frames.DECODER, handler);
        ChannelConfig config = channel.config();
        config.setOption(EpollChannelOption.TCP_USER_TIMEOUT, timeoutMillis); // without effect on another transport
        config.setOption(IoUringChannelOption.TCP_USER_TIMEOUT, timeoutMillis);
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true); // or who leaves would look like who is lost
        config.setAutoRead(true);
        return handler;
    }

    private static void removeRequest(ChannelPipeline pipeline) {
        RequestTimeout.removeFrom(pipeline);
        PipelinedEnd.removeFrom(pipeline);
        RequestCheck.removeFrom(pipeline);
        HttpConnections.handOver(pipeline);
        if (pipeline.get(QueryTokenHandler.NAME) != null) {
            pipeline.remove(QueryTokenHandler.NAME);
        }
    }
}
