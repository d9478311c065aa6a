package dev.starling.websocket;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.compression.ZlibCodecFactory;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionEncoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import java.util.Map;
import reactor.netty.NettyPipeline;

/**
 * permessage-deflate (RFC 7692). Reactor Netty's own switch is not used because it lets 64 KB inflate without a bound; here a
 * message that inflates past the limit ends the connection.
 */
final class Compression {

    private static final String NEGOTIATION = "starling.compression";
    private static final int LEVEL = 6;

    private Compression() {}

    /** Has the next upgrade negotiate it. */
    static void offer(ChannelPipeline pipeline, int maxMessageBytes) {
        if (pipeline.get(NettyPipeline.HttpCodec) != null) {
            pipeline.addAfter(
                    NettyPipeline.HttpCodec,
                    NEGOTIATION,
                    new WebSocketServerExtensionHandler(new PerMessageDeflateServerExtensionHandshaker(
                            LEVEL,
                            ZlibCodecFactory.isSupportingWindowSizeAndMemLevel(),
                            PerMessageDeflateServerExtensionHandshaker.MAX_WINDOW_SIZE,
                            false,
                            false,
                            maxMessageBytes)));
        }
    }

    /** Takes that back. */
    static void removeFrom(ChannelPipeline pipeline) {
        if (pipeline.get(NEGOTIATION) != null) {
            pipeline.remove(NEGOTIATION);
        }
    }

    /** Whether client and server agreed on it. */
    static boolean isOn(ChannelPipeline pipeline) {
        for (Map.Entry<String, ChannelHandler> handler : pipeline) {
            if (handler.getValue() instanceof WebSocketExtensionEncoder) {
                return true;
            }
        }
        return false;
    }
}
