package dev.starling.websocket;

import dev.starling.channel.MessageBatch;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.EventWriter;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The way out of an event stream: each frame of the protocol is the data of an event, messages of the default one and all
 * others of one that is called as the frame. What comes from the hub is written once for all streams of an event loop.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">HTML, section 9.2</a>
 */
final class EventStreamOutbox extends Outbox {

    /** How long a client waits after a stream has broken, and as much again at random: the node's others come back, too. */
    private static final int RETRY_MILLIS = 1000;

    /** The shortest such wait, of the clients of a leaving node. Its streams end one by one, so less than the usual wait will do. */
    private static final int LEAST_RETRY_MILLIS = 250;

    private static final ByteBuf COMMENT = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(2).writeByte(':').writeByte('\n'))
            .asReadOnly();

    /** @param place where what is written is bytes, but passes TLS */
    EventStreamOutbox(ChannelHandlerContext place) {
        super(place);
    }

    @Override
    void send(ServerFrame frame, ByteBuf encoded) {
        ByteBuf event = channel().alloc().buffer(encoded.readableBytes() + EventWriter.USUAL_OVERHEAD);
        EventWriter writer = new EventWriter(event).type(frame.type());
        if (frame instanceof ServerFrame.Subscribed subscribed) {
            writer.id(subscribed.position());
        } else if (frame instanceof ServerFrame.Welcome) {
            writer.retry(RETRY_MILLIS + randomMillis());
        } else if (frame instanceof ServerFrame.GoAway) {
            writer.retry(LEAST_RETRY_MILLIS + randomMillis() / 2);
        }
        writer.data(encoded.skipBytes(headerBytes(encoded)));
        encoded.release();
        write(event);
        flush();
    }

    private static int randomMillis() {
        return ThreadLocalRandom.current().nextInt(RETRY_MILLIS + 1);
    }

    @Override
    void send(MessageBatch batch) {
        write(batch.convertedBy(EventStreamOutbox::events).retainedDuplicate());
        flush();
    }

    private static ByteBuf events(MessageBatch batch) {
        ByteBuf events =
                PooledByteBufAllocator.DEFAULT.directBuffer(batch.bytes() + batch.count() * EventWriter.USUAL_OVERHEAD);
        try {
            for (int i = 0; i < batch.count(); i++) {
                writeEvent(events, batch.message(i), batch.position(i));
            }
            return events;
        } catch (RuntimeException | Error failure) { // that direct memory is used up is an error to Netty
            events.release();
            throw failure;
        }
    }

    @Override
    void write(EncodedMessage frame, @Nullable StreamPosition after) {
        ByteBuf event = channel().alloc().buffer(frame.size() + EventWriter.USUAL_OVERHEAD);
        writeEvent(event, frame, after);
        write(event);
    }

    private static void writeEvent(ByteBuf out, EncodedMessage frame, @Nullable StreamPosition after) {
        EventWriter writer = new EventWriter(out);
        ServerFrame event = frame.event();
        if (event != null) {
            writer.type(event.type());
        }
        writer.id(after).data(frame.payload());
    }

    /** A comment, which no client answers: that the kernel takes it, and all before it, is the sign of life. */
    @Override
    void ping(Liveness liveness, long nowNanos) {
        channel().writeAndFlush(COMMENT.duplicate()).addListener(taken -> {
            if (taken.isSuccess()) {
                liveness.heard(nowNanos);
            }
        });
    }

    /** The last event, and the end of the stream once the kernel has it. */
    @Override
    void close(CloseCode code) {
        ByteBuf event = channel().alloc().buffer(EventWriter.USUAL_OVERHEAD * 2);
        new EventWriter(event)
                .type("close")
                .data("{\"code\":" + code.code() + ",\"reason\":\"" + code.reason() + "\"}");
        channel().writeAndFlush(event).addListener(ChannelFutureListener.CLOSE);
    }
}
