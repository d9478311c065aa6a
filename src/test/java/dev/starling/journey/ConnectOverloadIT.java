package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Five times as many connects as a node can take, by clients that give up after a while and are followed by others. The
 * figures go to {@code target/connect-overload.txt}.
 */
@Tag("long")
class ConnectOverloadIT {

    private static final int SHARE = 10;
    private static final int OVERLOAD = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration RUN = Duration.ofSeconds(20);
    private static final int TICK_MILLIS = 20;

    private final AtomicInteger welcomed = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger gaveUp = new AtomicInteger();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @Test
    void mostOfTheUpgradesAreOfClientsThatStillWait() {
        try (ServerProcess server = ServerLaunch.with(
                        "starling.limits.max-connections-per-ip=0",
                        "starling.limits.max-connections-per-user=0",
                        "starling.limits.connect-rate=0",
                        "starling.transport.accept-backlog=512")
                .start()) {
            Bootstrap client = client(server.port());
            offer(client, 400, WARM_UP);
            SlowProcess slow = SlowProcess.running(SHARE, server);
            try {
                int capacity = capacity(client);
                double before = settled(server);
                int welcomedBefore = welcomed.get();

                offer(client, capacity * OVERLOAD, RUN);
                Awaitility.await().pollDelay(PATIENCE).until(() -> true);

                double upgrades = settled(server) - before;
                int useful = welcomed.get() - welcomedBefore;
                write("capacity %d/s, offered %d/s for %s: %.0f upgrades, %d of them useful, %d refused, %d gave up%n"
                        .formatted(capacity, capacity * OVERLOAD, RUN, upgrades, useful, refused.get(), gaveUp.get()));
                assertThat(useful / upgrades).as("useful share").isGreaterThan(0.8);
                assertThat(useful / (double) (capacity * RUN.toSeconds()))
                        .as("of what the node can take")
                        .isGreaterThan(0.4);
            } finally {
                slow.close();
                server.signal("CONT");
                loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            }
        }
    }

    private static void write(String figures) {
        try {
            Files.writeString(Path.of("target", "connect-overload.txt"), figures);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Upgrades per second when as many are offered as are taken: the next begins when one is through. */
    private int capacity(Bootstrap client) {
        int before = welcomed.get();
        Duration time = Duration.ofSeconds(5);
        long end = System.nanoTime() + time.toNanos();
        AtomicInteger open = new AtomicInteger();
        while (System.nanoTime() < end) {
            if (open.get() < 40) {
                open.incrementAndGet();
                connect(client).addListener(closed -> open.decrementAndGet());
            } else {
                LockSupport.parkNanos(1_000_000);
            }
        }
        return (int) ((welcomed.get() - before) / time.toSeconds());
    }

    private void offer(Bootstrap client, int perSecond, Duration time) {
        long begin = System.nanoTime();
        long made = 0;
        for (long now = begin; now - begin < time.toNanos(); now = System.nanoTime()) {
            long due = (now - begin) * perSecond / TimeUnit.SECONDS.toNanos(1);
            for (; made < due; made++) {
                connect(client);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS));
        }
    }

    /** What the server has upgraded, once that no longer grows. */
    private static double settled(ServerProcess server) {
        double[] last = {-1};
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    double before = last[0];
                    last[0] = server.metrics().value("ws_connects_total");
                    return last[0] == before;
                });
        return last[0];
    }

    private ChannelFuture connect(Bootstrap client) {
        Channel channel = client.connect().channel();
        channel.eventLoop()
                .schedule(
                        () -> {
                            if (channel.isOpen()) {
                                gaveUp.incrementAndGet();
                                channel.close();
                            }
                        },
                        PATIENCE.toMillis(),
                        TimeUnit.MILLISECONDS);
        return channel.closeFuture();
    }

    private Bootstrap client(int port) {
        ByteBuf request = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(
                RawClient.upgradeRequest(
                        "/ws", "Authorization: Bearer " + Tokens.standard().sign()),
                StandardCharsets.ISO_8859_1));
        return new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) PATIENCE.toMillis())
                .remoteAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Answer(request));
                    }
                });
    }

    private final class Answer extends SimpleChannelInboundHandler<ByteBuf> {

        private final ByteBuf request;

        Answer(ByteBuf request) {
            this.request = request;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(request.duplicate());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf answer) {
            boolean upgraded = answer.toString(StandardCharsets.ISO_8859_1).startsWith("HTTP/1.1 101");
            (upgraded ? welcomed : refused).incrementAndGet();
            context.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
