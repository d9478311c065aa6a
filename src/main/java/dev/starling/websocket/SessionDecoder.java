package dev.starling.websocket;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;

/**
 * The frame decoder of a session. Sees each byte first: a client that takes long to send one frame is not dead. Reports bad
 * frames instead of closing on its own, so that the close code reaches the client, see {@link ClosingHandshake}. Tells the way
 * out when a read begins and ends, so that the answers to it leave in one go.
 */
final class SessionDecoder extends WebSocket13FrameDecoder {

    private final Liveness liveness;
    private final Outbox outbox;

    SessionDecoder(Liveness liveness, Outbox outbox, int maxMessageBytes, boolean extensions) {
        super(WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(maxMessageBytes)
                .allowExtensions(extensions)
                .closeOnProtocolViolation(false)
                .build());
        this.liveness = liveness;
        this.outbox = outbox;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) throws Exception {
        liveness.heard(Node.nanos());
        outbox.beginRead();
        super.channelRead(context, bytes);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        outbox.endRead();
        super.channelReadComplete(context);
    }
}
