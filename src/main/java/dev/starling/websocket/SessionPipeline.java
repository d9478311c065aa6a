package dev.starling.websocket;

import dev.starling.security.QueryTokenHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;

/** Makes a freshly upgraded Netty pipeline that of a session. */
final class SessionPipeline {

    private SessionPipeline() {}

    /**
     * Takes out what was for the request, and puts our own decoder in; returns the way out. Call it on the channel's event loop,
     * while the channel is active.
     */
    static Outbox prepare(Channel channel, Liveness liveness, int maxMessageBytes) {
        ChannelPipeline pipeline = channel.pipeline();
        RequestTimeout.removeFrom(pipeline);
        if (pipeline.get(QueryTokenHandler.NAME) != null) {
            pipeline.remove(QueryTokenHandler.NAME);
        }
        boolean deflates = Compression.isOn(pipeline);
        ChannelHandlerContext encoder = pipeline.context(Frames.ENCODER);
        Outbox outbox = deflates ? new DeflatingOutbox(encoder) : new Outbox(encoder);
        pipeline.replace(
                Frames.DECODER, Frames.DECODER, new SessionDecoder(liveness, outbox, maxMessageBytes, deflates));
        return outbox;
    }
}
