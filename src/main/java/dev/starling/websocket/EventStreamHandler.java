package dev.starling.websocket;

import dev.starling.protocol.CloseCode;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Stands in the pipeline of an event stream where the HTTP codec was: the client has nothing more to say, and that the
 * response were over, as Reactor Netty thinks once it is rid of it, nobody need know.
 */
final class EventStreamHandler extends ChannelDuplexHandler {

    private @Nullable Session session;

    /** Says whose stream it is. */
    void serve(Session stream) {
        session = stream;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent end) {
            end.release();
            promise.trySuccess();
        } else {
            context.write(message, promise);
        }
    }

    /** Who sends no more has left: there is no other way to say so. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            if (session != null) {
                session.closes(Closing.LEFT);
            }
            context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (session == null) {
            context.close();
        } else if (cause instanceof IOException) {
            session.cut(Closing.LOST);
        } else {
            session.node().log().failed(session, cause);
            session.close(CloseCode.INTERNAL_ERROR);
        }
    }
}
