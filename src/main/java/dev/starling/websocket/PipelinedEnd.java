package dev.starling.websocket;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResultProvider;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Ends a connection after the answer to the request that asks for it, not before: Reactor Netty ends it after the answer under way as
 * soon as such a request (or one that is no HTTP) has arrived, and drops what is pipelined between. So it sees one that keeps the
 * connection, and the connection is ended here, also with an upgrade that has come too late. What is no HTTP it does not see at all,
 * since it would log each: it is answered here, in its turn. Stands between the HTTP codec and Reactor Netty's handlers; goes with the
 * upgrade.
 */
final class PipelinedEnd extends ChannelDuplexHandler {

    private static final String NAME = "starling.pipelinedEnd";

    private final UpgradeWait wait;
    private final HttpConnections connections;
    private int unanswered;

    /** How many answers are still to be written, that to the last request included; 0 if there is no last one yet. */
    private int left;

    private boolean isLastRead;
    private boolean isInterim;
    private boolean isAnswering;

    /** The answer to what was no HTTP, and how many others come before it. */
    private @Nullable FullHttpResponse refusal;

    private int beforeRefusal;
    private boolean isRefused;

    private PipelinedEnd(UpgradeWait wait, HttpConnections connections) {
        this.wait = wait;
        this.connections = connections;
    }

    static void addTo(ChannelPipeline pipeline, UpgradeWait wait, HttpConnections connections) {
        if (pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
            pipeline.addBefore(NettyPipeline.HttpTrafficHandler, NAME, new PipelinedEnd(wait, connections));
        }
    }

    static void removeFrom(ChannelPipeline pipeline) {
        if (pipeline.get(NAME) != null) {
            pipeline.remove(NAME);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (isLastRead) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof DecoderResultProvider part
                && part.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            refuse(context, part.decoderResult().cause(), message instanceof HttpRequest ? unanswered : unanswered - 1);
            return;
        }
        if (message instanceof HttpRequest request) {
            if (unanswered == 0 && wait.ends(context, request)) {
                isLastRead = true;
                ReferenceCountUtil.release(message);
                return;
            }
            if (unanswered > 0 && !HttpUtil.isKeepAlive(request)) {
                request.setProtocolVersion(HttpVersion.HTTP_1_1);
                request.headers().remove(HttpHeaderNames.CONNECTION);
                left = unanswered + 1;
            }
            unanswered++;
        }
        isLastRead = left > 0 && message instanceof LastHttpContent;
        context.fireChannelRead(message);
    }

    private void refuse(ChannelHandlerContext context, Throwable fault, int before) {
        connections.count(HttpConnections.End.BAD_REQUEST);
        isLastRead = true;
        left = 0;
        refusal = HttpRefusal.of(fault);
        beforeRefusal = before;
        if (before <= 0) {
            sendRefusal(context, refusal);
        }
    }

    /** If the request was answered before its end, or is being answered, there is only the end of the connection left to say. */
    private void sendRefusal(ChannelHandlerContext context, FullHttpResponse answer) {
        isRefused = true;
        boolean isTooLate = beforeRefusal < 0 || isAnswering;
        context.writeAndFlush(isTooLate ? Unpooled.EMPTY_BUFFER : answer).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (isRefused) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        if (message instanceof HttpResponse response) {
            isInterim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            isAnswering = !isInterim;
            if (left == 1 && !isInterim) {
                response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
        }
        boolean isAnswered = message instanceof LastHttpContent && !isInterim;
        boolean isEnd = isAnswered && left == 1;
        if (isAnswered) {
            unanswered = Math.max(0, unanswered - 1);
            left = Math.max(0, left - 1);
            isAnswering = false;
        }
        if (isEnd) {
            context.write(message, promise.unvoid()).addListener(ChannelFutureListener.CLOSE);
        } else {
            context.write(message, promise);
        }
        if (isAnswered && refusal != null && --beforeRefusal == 0) {
            sendRefusal(context, refusal);
        }
    }
}
