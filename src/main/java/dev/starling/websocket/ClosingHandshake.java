package dev.starling.websocket;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/**
 * Stands in the pipeline once the server has sent its close frame: throws away what still comes, and closes the connection
 * when the client's close frame is there. Closing at once instead would reset the connection if anything was unread, and
 * the client might never see the close code.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.1.1">RFC 6455, section 7.1.1</a>
 */
@Sharable
final class ClosingHandshake extends ChannelInboundHandlerAdapter {

    static final ClosingHandshake INSTANCE = new ClosingHandshake();

    private ClosingHandshake() {}

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        boolean closed = message instanceof CloseWebSocketFrame;
        ReferenceCountUtil.release(message);
        if (closed) { // behind our own close frame, which may still wait if the client's came unasked
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close(); // whatever it was, there is nothing more to say
    }
}
