package dev.starling.websocket;

import dev.starling.channel.MessageBatch;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import org.jspecify.annotations.Nullable;

/**
 * The way out of a session that negotiated permessage-deflate: each message is compressed for this session alone, since
 * the client's window depends on all that it has got before.
 */
final class DeflatingOutbox extends Outbox {

    DeflatingOutbox(ChannelHandlerContext encoder) {
        super(encoder);
    }

    @Override
    void send(ServerFrame frame, ByteBuf encoded) {
        encoded.skipBytes(headerBytes(encoded));
        deflate(encoded);
        flush();
    }

    @Override
    void send(MessageBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            deflate(batch.message(i).payload().retainedDuplicate());
        }
        flush();
    }

    @Override
    void write(EncodedMessage frame, @Nullable StreamPosition after) {
        deflate(frame.payload().retainedDuplicate());
    }

    private void deflate(ByteBuf payload) {
        Channel channel = channel();
        channel.write(new TextWebSocketFrame(payload), channel.voidPromise());
    }
}
