package dev.starling.websocket;

import dev.starling.security.QueryTokenHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;

/** Makes a freshly upgraded Netty pipeline that of a session. */
final class SessionPipeline {

    private SessionPipeline() {}

    /**
     * Takes out what was for the request, and has the decoder report bad frames instead of closing on its own: then the close
     * code reaches the client, see {@link ClosingHandshake}. Call it on the channel's event loop; returns the way out.
     */
    static Outbox prepare(Channel channel, int maxMessageBytes) {
        ChannelPipeline pipeline = channel.pipeline();
        RequestTimeout.removeFrom(pipeline);
        if (pipeline.get(QueryTokenHandler.NAME) != null) {
            pipeline.remove(QueryTokenHandler.NAME);
        }
        boolean deflates = Compression.isOn(pipeline);
        pipeline.replace(
                Frames.DECODER,
                Frames.DECODER,
                new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(maxMessageBytes)
                        .allowExtensions(deflates)
                        .closeOnProtocolViolation(false)
                        .build()));
        return deflates
                ? new DeflatingOutbox(pipeline.context(Frames.ENCODER))
                : new Outbox(pipeline.context(Frames.ENCODER));
    }
}
