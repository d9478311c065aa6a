package dev.starling.api;

import dev.starling.protocol.StreamPosition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.CoreSubscriber;
import reactor.netty.NettyPipeline;

/**
 * The short way of a publish by a back end that publishes all day, on a connection that is kept: past Reactor Netty's and Spring's
 * handlers, which cost many times what the publish costs (src/docs/capacity.md). Stands between the HTTP codec and them, takes such
 * requests out, one at a time, and answers them; all others pass. An answer never overtakes one to an earlier request. One for each
 * connection, owned by its event loop; leaves with what is no HTTP any more.
 */
final class PublishHandler extends ChannelDuplexHandler {

    private static final String NAME = "starling.publish";
    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";

    private final PublishShortcut shortcut;
    private final long bodyTimeoutNanos;

    /** Requests that have passed and are not answered yet. */
    private int passed;

    private @Nullable Publish current;

    /** What came after the request that is being answered; it is all of one read. */
    private @Nullable ArrayDeque<Object> held;

    private PublishHandler(PublishShortcut shortcut, Duration bodyTimeout) {
        this.shortcut = shortcut;
        this.bodyTimeoutNanos = bodyTimeout.toNanos();
    }

    /** Puts one in its place. Without effect where HTTP/1.1 is not spoken from the start, as with ALPN. */
    static void addTo(ChannelPipeline pipeline, PublishShortcut shortcut, Duration bodyTimeout) {
        if (pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
            pipeline.addBefore(NettyPipeline.HttpTrafficHandler, NAME, new PublishHandler(shortcut, bodyTimeout));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (held != null) {
            held.add(message);
        } else if (current != null) {
            current.add(message);
        } else if (message instanceof HttpRequest request) {
            begin(context, request);
        } else {
            context.fireChannelRead(message);
        }
    }

    private void begin(ChannelHandlerContext context, HttpRequest request) {
        if (takesConnection(request)) {
            context.fireChannelRead(request);
            context.pipeline().remove(this);
            return;
        }
        PublishShortcut.Head head = passed == 0 ? shortcut.head(request) : null;
        if (head == null) {
            passed++;
            context.fireChannelRead(request);
        } else {
            current = new Publish(context, head);
            if (request instanceof LastHttpContent) {
                current.add(request);
            }
        }
    }

    /** Whether what follows is a WebSocket or an event stream; if it is refused, all that follows takes the long way. */
    private static boolean takesConnection(HttpRequest request) {
        return HttpHeaderValues.WEBSOCKET.contentEqualsIgnoreCase(
                        request.headers().get(HttpHeaderNames.UPGRADE))
                || (HttpMethod.GET.equals(request.method()) && request.uri().contains("/events"));
    }

    /** The codec reads on only when it is asked to, and nobody behind this knows of the request. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (current != null && held == null) {
            current.awaitRest();
            context.read();
        }
        context.fireChannelReadComplete();
    }

    /** Nobody reads on while something is held, else there would be no end of it. */
    @Override
    public void read(ChannelHandlerContext context) {
        if (held == null) {
            context.read();
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        boolean informs = message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        if (message instanceof LastHttpContent && !informs && passed > 0) {
            passed--;
        }
        context.write(message, promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        drop();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        drop();
    }

    private void drop() {
        if (current != null) {
            current.end();
            current = null;
        }
        if (held != null) {
            held.forEach(ReferenceCountUtil::release);
            held = null;
        }
    }

    /** Goes on with what came meanwhile. */
    private void next(ChannelHandlerContext context) {
        ArrayDeque<Object> waiting = held;
        current = null;
        held = null;
        while (waiting != null && !waiting.isEmpty() && held == null) {
            channelRead(context, waiting.remove());
        }
        if (waiting != null && held != null) {
            held.addAll(waiting);
        }
        if (held == null && passed == 0) {
            context.read();
        }
    }

    /** One publish, from its headers to its answer. */
    private final class Publish implements CoreSubscriber<StreamPosition> {

        private final ChannelHandlerContext context;
        private final PublishShortcut.Head head;
        private final long startNanos = System.nanoTime();
        private final byte[] body;
        private int length;
        private @Nullable ScheduledFuture<?> timeout;
        private @Nullable StreamPosition position;
        private boolean ended;

        private Publish(ChannelHandlerContext context, PublishShortcut.Head head) {
            this.context = context;
            this.head = head;
            this.body = new byte[head.length()];
        }

        private void add(Object message) {
            if (message instanceof HttpContent content) {
                ByteBuf bytes = content.content();
                int count = bytes.readableBytes();
                bytes.readBytes(body, length, count); // the codec sees to it that there are no more
                length += count;
            }
            boolean isBroken =
                    message instanceof HttpObject part && part.decoderResult().isFailure();
            ReferenceCountUtil.release(message);
            if (isBroken) {
                context.close();
            } else if (message instanceof LastHttpContent) {
                held = new ArrayDeque<>(2);
                stopTimer();
                shortcut.publish(head, body).subscribe(this);
            }
        }

        private void awaitRest() {
            if (timeout == null) {
                timeout = context.executor().schedule(this::timeOut, bodyTimeoutNanos, TimeUnit.NANOSECONDS);
            }
        }

        private void timeOut() {
            if (!ended) {
                fail(new ResponseStatusException(HttpStatus.REQUEST_TIMEOUT));
                context.close();
            }
        }

        private void stopTimer() {
            if (timeout != null) {
                timeout.cancel(false);
            }
        }

        private void end() {
            ended = true;
            stopTimer();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(StreamPosition published) {
            position = published;
        }

        @Override
        public void onComplete() {
            onLoop(() -> answer(HttpStatus.OK, JSON, PublicationController.answer(head.channel(), position), null));
        }

        @Override
        public void onError(Throwable failure) {
            onLoop(() -> fail(failure));
        }

        private void onLoop(Runnable end) {
            if (context.executor().inEventLoop()) {
                end.run();
            } else {
                context.executor().execute(end);
            }
        }

        private void fail(Throwable failure) {
            ApiProblems.Answer answer = ApiProblems.of(failure);
            answer(answer.problem().status(), PROBLEM, answer.problem().body(), answer.retryAfter());
        }

        private void answer(HttpStatus status, String type, byte[] text, @Nullable String retryAfter) {
            if (ended) {
                return; // the client has left
            }
            end();
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status.value()), Unpooled.wrappedBuffer(text));
            HttpHeaders headers = response.headers();
            headers.set(HttpHeaderNames.CONTENT_TYPE, type);
            headers.set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(text.length));
            headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
            headers.set("x-content-type-options", "nosniff");
            if (retryAfter != null) {
                headers.set(HttpHeaderNames.RETRY_AFTER, retryAfter);
            }
            context.writeAndFlush(response, context.voidPromise());
            shortcut.answered(status, System.nanoTime() - startNanos);
            next(context);
        }
    }
}
