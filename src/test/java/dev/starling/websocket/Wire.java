package dev.starling.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A connection without a network: what a session writes comes out here, and its pipeline has a session's places. */
final class Wire implements AutoCloseable {

    final EmbeddedChannel channel = new EmbeddedChannel();
    private final Kernel kernel = new Kernel();
    private int encoded;

    Wire() {
        channel.pipeline()
                .addLast("kernel", kernel)
                .addLast(Frames.DECODER, new ChannelInboundHandlerAdapter())
                .addLast(Frames.ENCODER, new ChannelOutboundHandlerAdapter() {
                    @Override
                    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                        encoded++;
                        context.write(message, promise);
                    }
                })
                .addLast("reader", new ChannelInboundHandlerAdapter() {
                    @Override
                    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                        // Writes to a closed channel end here; a session learns of them by the close.
                    }
                });
    }

    Outbox outbox() {
        return new Outbox(encoder());
    }

    DeflatingOutbox deflatingOutbox() {
        return new DeflatingOutbox(encoder());
    }

    EventStreamOutbox eventStreamOutbox() {
        return new EventStreamOutbox(channel.pipeline().context(Frames.DECODER));
    }

    private ChannelHandlerContext encoder() {
        return channel.pipeline().context(Frames.ENCODER);
    }

    /** From now on the client does not read: what is written stays where it is. */
    void stall() {
        kernel.stalled = true;
    }

    /** From now on the client reads again, and first what waits. */
    void unstall() {
        kernel.stalled = false;
        channel.flush();
    }

    /** From now on what is written is kept until a flush, as TLS does. */
    void holdUntilFlush() {
        channel.pipeline().addAfter("kernel", "tls", new ChannelOutboundHandlerAdapter() {
            private final List<Object> held = new ArrayList<>();

            @Override
            public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                held.add(message);
            }

            @Override
            public void flush(ChannelHandlerContext context) {
                held.forEach(context::write);
                held.clear();
                context.flush();
            }
        });
    }

    /** The client reads what waits now, and nothing more. */
    void readOnce() {
        kernel.isOpenOnce = true;
        channel.flush();
    }

    /** The client reads so much of the first frame that waits. */
    void readPart(long bytes) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        buffer.addFlush();
        buffer.progress(bytes);
    }

    /** How often something was flushed. */
    int flushes() {
        return kernel.flushes;
    }

    /** How many writes came to the frame encoder, as those do that are not encoded yet. */
    int encoded() {
        return encoded;
    }

    /** All that was written, as bytes (one character each) or as the frame that it is; forgets it. */
    List<String> written() {
        List<String> all = new ArrayList<>();
        for (Object next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            if (next instanceof ByteBuf bytes) {
                all.add(bytes.toString(StandardCharsets.ISO_8859_1));
                bytes.release();
            } else if (next instanceof WebSocketFrame frame) {
                all.add(frame.getClass().getSimpleName() + ":" + frame.content().toString(StandardCharsets.UTF_8));
                frame.release();
            } else {
                all.add(String.valueOf(next));
            }
        }
        return all;
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }

    private static final class Kernel extends ChannelOutboundHandlerAdapter {

        private boolean stalled;
        private boolean isOpenOnce;
        private int flushes;

        @Override
        public void flush(ChannelHandlerContext context) {
            flushes++;
            if (!stalled || isOpenOnce) {
                isOpenOnce = false;
                context.flush();
            }
        }
    }
}
