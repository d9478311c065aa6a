package dev.starling.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * A TCP connection that is no session, or none yet, from its accept to its end or its upgrade. Two clients are closed that
 * no time-out of HTTP knows: one that has its answer and does not come to the end of its request, and one that does not
 * read its answer. It stands next to the HTTP codec. Owned by the event loop of its Netty channel.
 */
final class HttpConnection extends ChannelDuplexHandler {

    static final String NAME = "starling.httpConnection";

    /** How long the rest of a request may take once it is answered. */
    static final long REST_MILLIS = 2000;

    /** How often the reading of an answer is looked at, and what has to be read meanwhile: 1 KB per second. */
    static final long READ_MILLIS = 60_000;

    static final long READ_BYTES = 61_440;

    /** The beginning of Linux' {@code struct tcp_info}; option 11 of protocol 6. */
    private static final RawUnixChannelOption TCP_INFO = new RawUnixChannelOption("starling.TCP_INFO", 6, 11, 128);

    /** Where it says how many bytes the peer has acknowledged. */
    private static final int BYTES_ACKED = 120;

    /** How many requests may wait for their answers. Netty's own limit is 128, and an exception that nothing counts. */
    static final int MOST_UNANSWERED = 100;

    /** How much of earlier answers may wait for the client when it asks for more. */
    static final int MOST_PENDING_BYTES = 16 * 1024 * 1024;

    /** How long a connection of a leaving node waits for a request that is on its way. */
    private static final long QUIET_MILLIS = 500;

    private final HttpConnections all;
    private final @Nullable String address;
    private @Nullable ChannelHandlerContext context;
    private int unanswered;
    private boolean inRequest;
    private boolean interim;
    private boolean isFlooded;
    private long usedAtMillis = Node.millis();
    private long writtenBytes;
    private long takenBytes;
    private long acknowledgedBytes;
    private @Nullable ScheduledFuture<?> rest;
    private @Nullable ScheduledFuture<?> reading;

    /** @param address what it counts for; null if the address has no limit */
    HttpConnection(HttpConnections all, @Nullable String address) {
        this.all = all;
        this.address = address;
    }

    /** Puts it in its place. Without effect where HTTP/1.1 is not spoken from the start. */
    void addTo(ChannelPipeline pipeline) {
        if (pipeline.get(NettyPipeline.HttpCodec) == null) {
            pipeline.channel().closeFuture().addListener(closed -> all.leave(this, address));
            return;
        }
        pipeline.addAfter(NettyPipeline.HttpCodec, NAME, this);
    }

    /** The connection becomes a session, which has limits of its own. */
    static void removeFrom(ChannelPipeline pipeline) {
        if (pipeline.get(NAME) != null) {
            pipeline.remove(NAME);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext place) {
        context = place;
    }

    /** Also called when the channel is closed. */
    @Override
    public void handlerRemoved(ChannelHandlerContext place) {
        cancel(rest);
        cancel(reading);
        all.leave(this, address);
    }

    @Override
    public void channelRead(ChannelHandlerContext place, Object message) {
        if (message instanceof HttpRequest) {
            if (!isFlooded && (unanswered >= MOST_UNANSWERED || pendingBytes(place) > MOST_PENDING_BYTES)) {
                isFlooded = true;
                end(place, HttpConnections.End.PIPELINE_LIMIT);
            }
            unanswered++;
            inRequest = true;
        }
        if (isFlooded) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof LastHttpContent) {
            inRequest = false;
            cancel(rest);
            rest = null;
        }
        place.fireChannelRead(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext place, Throwable cause) {
        if (!isFlooded) { // else it is Netty's limit, behind ours
            place.fireExceptionCaught(cause);
        }
    }

    @Override
    public void write(ChannelHandlerContext place, Object message, ChannelPromise promise) {
        writtenBytes += bytes(message);
        if (message instanceof HttpResponse response) {
            interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        }
        place.write(message, promise);
        if (message instanceof LastHttpContent && !interim) {
            answered(place);
        }
    }

    private void answered(ChannelHandlerContext place) {
        unanswered = Math.max(0, unanswered - 1);
        usedAtMillis = Node.millis();
        if (inRequest && unanswered == 0 && rest == null) {
            rest = place.executor()
                    .schedule(() -> end(place, HttpConnections.End.SLOW_REQUEST), REST_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void flush(ChannelHandlerContext place) {
        place.flush();
        if (reading == null && pendingBytes(place) > 0) {
            isReading(place);
            reading = place.executor()
                    .scheduleWithFixedDelay(() -> checkReading(place), READ_MILLIS, READ_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void checkReading(ChannelHandlerContext place) {
        if (pendingBytes(place) == 0) {
            cancel(reading);
            reading = null;
        } else if (!isReading(place)) {
            end(place, HttpConnections.End.SLOW_READER);
        }
    }

    /**
     * Whether the client has taken enough since the last call. What the kernel takes from us says little of a slow client: it takes
     * nothing until a third of its buffer is free. What the client acknowledges is not known everywhere. The larger one counts.
     */
    private boolean isReading(ChannelHandlerContext place) {
        long taken = writtenBytes - pendingBytes(place);
        long acknowledged = acknowledgedBytes(place);
        boolean enough = Math.max(taken - takenBytes, acknowledged - acknowledgedBytes) >= READ_BYTES;
        takenBytes = taken;
        acknowledgedBytes = acknowledged;
        return enough;
    }

    /** Always 0 where the kernel does not tell. */
    private static long acknowledgedBytes(ChannelHandlerContext place) {
        try {
            ByteBuffer info = place.channel().config().getOption(TCP_INFO);
            return info == null || info.limit() < BYTES_ACKED + Long.BYTES
                    ? 0
                    : info.order(ByteOrder.nativeOrder()).getLong(BYTES_ACKED);
        } catch (ChannelException closed) {
            return 0;
        }
    }

    private void end(ChannelHandlerContext place, HttpConnections.End why) {
        all.count(why);
        cut(place);
    }

    /** Closes at once; what the kernel holds for the client is thrown away. */
    private static void cut(ChannelHandlerContext place) {
        try {
            place.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException gone) {
            // The socket is closed already, and holds nothing.
        }
        place.channel().close();
    }

    /** One tick of a leaving node: any thread may call it. Closes the connection unless it has a request, or may have one soon. */
    void leave() {
        ChannelHandlerContext place = context;
        if (place != null) {
            place.executor().execute(() -> {
                if (unanswered == 0 && !inRequest && Node.millis() - usedAtMillis >= QUIET_MILLIS) {
                    place.channel().close();
                }
            });
        }
    }

    private static long pendingBytes(ChannelHandlerContext place) {
        ChannelOutboundBuffer buffer = place.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes() - buffer.currentProgress();
    }

    private static long bytes(Object message) {
        if (message instanceof ByteBufHolder holder) {
            return holder.content().readableBytes();
        }
        return message instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
    }

    private static void cancel(@Nullable ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
