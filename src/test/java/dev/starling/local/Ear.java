package dev.starling.local;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;

/**
 * What all clients hear: one handler for all, without state of any one. Each frame comes whole, since a local channel cuts nothing
 * that was written.
 */
@Sharable
final class Ear extends ChannelInboundHandlerAdapter {

    /** The channel of all clients. */
    static final String ALL = "all";

    /** How many channels there are of which each client has one. */
    static final int ROOMS = 100;

    /** What each client subscribes to at once. */
    static final int SUBSCRIPTIONS = 2;

    private static final String END_OF_HEADERS = "\r\n\r\n";
    private static final int PING = 0x89;
    private static final int TEXT = 0x81;
    private static final int SIXTEEN_BITS = 126;
    private static final int TYPE = "{\"type\":\"".length();

    final LongAdder upgraded = new LongAdder();
    final LongAdder subscribed = new LongAdder();
    final LongAdder messages = new LongAdder();
    final LongAdder pinged = new LongAdder();
    final LongAdder faults = new LongAdder();

    private final IntFunction<String> token;

    /** @param token of each client, by its index */
    Ear(IntFunction<String> token) {
        this.token = token;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        LocalClient client = (LocalClient) context.channel();
        client.writeAndFlush(ClientFrames.upgrade(token.apply(client.index())), client.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf bytes = (ByteBuf) read;
        LocalClient client = (LocalClient) context.channel();
        try {
            if (bytes.getByte(bytes.readerIndex()) == 'H') {
                answer(bytes);
            }
            while (bytes.isReadable()) {
                frame(client, bytes);
            }
        } finally {
            bytes.release();
        }
    }

    /** The answer to the upgrade; the first frame may come with it. */
    private void answer(ByteBuf bytes) {
        String text = bytes.toString(StandardCharsets.ISO_8859_1);
        if (!text.startsWith("HTTP/1.1 101 ")) {
            fault(text);
        }
        bytes.skipBytes(text.indexOf(END_OF_HEADERS) + END_OF_HEADERS.length());
    }

    private void frame(LocalClient client, ByteBuf bytes) {
        int opcode = bytes.readUnsignedByte();
        int length = bytes.readUnsignedByte();
        if (length == SIXTEEN_BITS) {
            length = bytes.readUnsignedShort();
        }
        if (opcode == TEXT) {
            text(client, bytes, length);
        } else if (opcode == PING) {
            ping(client);
        } else {
            fault("a frame of opcode " + opcode);
        }
        bytes.skipBytes(length);
    }

    private void text(LocalClient client, ByteBuf bytes, int length) {
        switch (bytes.getByte(bytes.readerIndex() + TYPE)) {
            case 'm' -> {
                client.countMessage();
                messages.increment();
            }
            case 's' -> subscribed.increment();
            case 'w' -> welcome(client);
            default -> fault(bytes.toString(bytes.readerIndex(), length, StandardCharsets.UTF_8));
        }
    }

    /** Answered in a task of its own, as all else: the server is in the midst of its write. */
    private void welcome(LocalClient client) {
        upgraded.increment();
        client.eventLoop().execute(() -> {
            client.write(ClientFrames.subscribe(ALL), client.voidPromise());
            client.writeAndFlush(ClientFrames.subscribe(room(client.index() % ROOMS)), client.voidPromise());
        });
    }

    static String room(int number) {
        return "room:" + number;
    }

    private void ping(LocalClient client) {
        if (client.countPing()) {
            pinged.increment();
        }
        client.eventLoop().execute(() -> client.writeAndFlush(ClientFrames.pong(), client.voidPromise()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        fault(failure.toString());
    }

    /** The first few are shown, all are counted. */
    private void fault(String what) {
        faults.increment();
        if (faults.sum() <= 10) {
            System.err.println("fault: " + what);
        }
    }
}
