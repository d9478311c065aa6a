package dev.starling.websocket;

import dev.starling.channel.MessageBatch;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import org.jspecify.annotations.Nullable;

/**
 * The way out of one session: frames that are encoded already go to the Netty channel past the frame encoder, below
 * Reactor's send operators, without a promise or a task. Only the channel's event loop writes.
 */
sealed class Outbox permits DeflatingOutbox, EventStreamOutbox {

    /** Answers that wait for the end of a read, at most; one flush of so many costs next to nothing for each. */
    static final int MOST_HELD = 64;

    private final ChannelHandlerContext encoder;
    private boolean reading;
    private int held;

    /** @param encoder the place of the WebSocket frame encoder: what is written there passes TLS, but no encoder */
    Outbox(ChannelHandlerContext encoder) {
        this.encoder = encoder;
    }

    final Channel channel() {
        return encoder.channel();
    }

    /** What was read is being worked off: the answers to it may leave together. {@link #endRead} follows. */
    final void beginRead() {
        reading = true;
    }

    /** There is nothing more to answer for now. */
    final void endRead() {
        reading = false;
        flushHeld();
    }

    /** Flushes what waits for the end of a read; whether there was such. */
    final boolean flushHeld() {
        boolean isHolding = held > 0;
        if (isHolding) {
            flush();
        }
        return isHolding;
    }

    private void flushOrHold() {
        if (!reading || ++held == MOST_HELD) {
            flush();
        }
    }

    /** Writes one frame, which is {@code encoded} with its WebSocket header, and takes over the reference. */
    void send(ServerFrame frame, ByteBuf encoded) {
        sendControl(encoded);
    }

    /** Of an unmasked frame: the length takes 7 bits, or 16 or 64 more (RFC 6455, section 5.2). */
    static int headerBytes(ByteBuf encoded) {
        int length = encoded.getByte(encoded.readerIndex() + 1);
        return length < 126 ? 2 : length == 126 ? 4 : 10;
    }

    /** Writes one control frame, which is never compressed (RFC 7692, section 6.1), and takes over its reference. */
    final void sendControl(ByteBuf frame) {
        write(frame);
        flushOrHold();
    }

    /** Asks the client for a sign of life, of which {@code liveness} is to hear. */
    void ping(Liveness liveness, long nowNanos) {
        sendControl(Frames.ping());
    }

    /** Says goodbye on an open channel: the client answers, and then the channel is closed. */
    void close(CloseCode code) {
        Channel channel = channel();
        channel.pipeline().addAfter(Frames.DECODER, Frames.CLOSING, ClosingHandshake.INSTANCE);
        channel.writeAndFlush(new CloseWebSocketFrame(code.code(), code.reason()), channel.voidPromise());
    }

    /** Writes a batch: one buffer if there is one, and one flush in any case. */
    void send(MessageBatch batch) {
        ByteBuf joined = batch.joined();
        if (joined != null) {
            write(joined.retainedDuplicate());
        } else {
            for (int i = 0; i < batch.count(); i++) {
                write(batch.message(i).frame().retainedDuplicate());
            }
        }
        flush();
    }

    /**
     * Writes one frame without a flush; the caller keeps its reference.
     *
     * @param after where the client is once it has the frame; null on a channel without history
     */
    void write(EncodedMessage frame, @Nullable StreamPosition after) {
        write(frame.frame().retainedDuplicate());
    }

    /** Writes bytes past the encoder, without a flush, and takes over their reference. */
    final void write(ByteBuf bytes) {
        encoder.write(bytes, channel().voidPromise());
    }

    /** Flushes what was written. */
    void flush() {
        held = 0; // before the flush, which may come here again
        encoder.flush();
    }

    /** Whether the socket takes more; if not, the channel's handlers learn when it does. */
    final boolean isWritable() {
        return channel().isWritable();
    }

    /** Bytes that the kernel has not taken yet. May be called by any thread. */
    final long pendingBytes() {
        ChannelOutboundBuffer buffer = channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /** The same less what the kernel took of the frame that it is at, which counts as a whole there. */
    final long unsentBytes() {
        ChannelOutboundBuffer buffer = channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes() - buffer.currentProgress();
    }
}
