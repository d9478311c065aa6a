package dev.starling.local;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.local.LocalAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connections without a server behind them, each end with one handler, which has read and written: what a client costs. All but what
 * only a client has (its address, and the place under it) is half of what a pair has.
 */
final class BarePairs {

    private static final LocalAddress ADDRESS = new LocalAddress("bare");
    private static final String CLIENT = LocalClient.class.getName();
    private static final String SERVER = LocalLoops.ServerEnd.class.getName();
    private static final Set<String> OF_CLIENTS = Set.of(
            CLIENT,
            LocalAddress.class.getName(),
            "java.lang.String",
            "[B",
            "java.util.concurrent.ConcurrentHashMap$Node",
            "[Ljava.util.concurrent.ConcurrentHashMap$Node;",
            DefaultChannelPromise.class.getName());

    private BarePairs() {}

    /** Bytes of one client. */
    static long bytesPerClient(LocalLoops loops, int pairs) {
        Echo echo = new Echo();
        Channel server = new ServerBootstrap()
                .group(loops.group())
                .channelFactory(LocalLoops.Server::new)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(echo);
                    }
                })
                .bind(ADDRESS)
                .syncUninterruptibly()
                .channel();
        Answer answer = new Answer();
        try {
            connect(loops, answer, Math.min(pairs, 1000))
                    .close(); // what exists once is there before the first measurement
            answer.count.set(0);
            Heap before = Heap.baseline();
            LocalClients clients = connect(loops, answer, pairs);
            long bytes = share(Heap.live().since(before)) / pairs;
            clients.close();
            return bytes;
        } finally {
            server.close().syncUninterruptibly();
        }
    }

    private static LocalClients connect(LocalLoops loops, Answer answer, int pairs) {
        LocalClients clients = new LocalClients(loops, ADDRESS, answer, pairs);
        clients.open(answer.count::get);
        Until.holds("all pairs have spoken", Duration.ofMinutes(2), () -> answer.count.get() == pairs);
        return clients;
    }

    private static long share(Heap pairs) {
        long ofClients = pairs.bytes(OF_CLIENTS);
        return ofClients + (pairs.bytes() - ofClients - pairs.of(SERVER).bytes()) / 2;
    }

    /** The server's side. */
    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object read) {
            context.writeAndFlush(read, context.voidPromise());
        }
    }

    /** The client's side. */
    @Sharable
    private static final class Answer extends ChannelInboundHandlerAdapter {

        private final AtomicInteger count = new AtomicInteger();

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(Unpooled.buffer(1).writeByte(1), context.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object read) {
            ((ByteBuf) read).release();
            count.incrementAndGet();
        }
    }
}
