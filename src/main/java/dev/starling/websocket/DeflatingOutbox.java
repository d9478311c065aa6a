package dev.starling.websocket;

import dev.starling.channel.MessageBatch;
import dev.starling.protocol.EncodedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;

/**
 * The way out of a session that negotiated permessage-deflate: each message is compressed for this session alone, since
 * the client's window depends on all that it has got before.
 */
final class DeflatingOutbox extends Outbox {

    DeflatingOutbox(ChannelHandlerContext encoder) {
        super(encoder);
    }

    @Override
    void send(ByteBuf frame) {
        frame.skipBytes(headerBytes(frame));
        write(frame);
        flush();
    }

    @Override
    void send(MessageBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            write(batch.message(i).payload().retainedDuplicate());
        }
        flush();
    }

    @Override
    void write(EncodedMessage frame) {
        write(frame.payload().retainedDuplicate());
    }

    private void write(ByteBuf payload) {
        Channel channel = channel();
        channel.write(new TextWebSocketFrame(payload), channel.voidPromise());
    }

    /** Of an unmasked frame: the length takes 7 bits, or 16 or 64 more (RFC 6455, section 5.2). */
    private static int headerBytes(ByteBuf frame) {
        int length = frame.getByte(frame.readerIndex() + 1);
        return length < 126 ? 2 : length == 126 ? 4 : 10;
    }
}
