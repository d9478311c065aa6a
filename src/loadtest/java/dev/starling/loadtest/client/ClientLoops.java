package dev.starling.loadtest.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** The event loops, and how connections get onto them: spread evenly over targets and source addresses. Thread-safe. */
public final class ClientLoops implements AutoCloseable {

    private static final int READ_BYTES = 16 << 10;
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final boolean epoll = Epoll.isAvailable();
    private final MultiThreadIoEventLoopGroup group;
    private final List<LoopDesk> desks = new ArrayList<>();
    private final List<Target> targets;
    private final SourceRange sources;
    private final @Nullable SslContext tls;
    private final AtomicInteger count = new AtomicInteger();

    /**
     * @param sources empty for the kernel's choice
     * @param tls for targets that want it; null if none does
     */
    public ClientLoops(int threads, List<Target> targets, SourceRange sources, @Nullable SslContext tls) {
        this.targets = List.copyOf(targets);
        this.sources = sources;
        this.tls = tls;
        this.group = new MultiThreadIoEventLoopGroup(
                threads, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        for (int i = 0; i < threads; i++) {
            desks.add(new LoopDesk(group.next()));
        }
    }

    public int size() {
        return desks.size();
    }

    public LoopDesk desk(int number) {
        return desks.get(number % desks.size());
    }

    List<Target> targets() {
        return targets;
    }

    /**
     * Where the next connection goes.
     *
     * @param avoided where it does not go if there is any other target; null for none
     */
    Target nextTarget(@Nullable Target avoided) {
        Target next = targets.get(Math.floorMod(count.getAndIncrement(), targets.size()));
        return next.equals(avoided) ? targets.get((targets.indexOf(next) + 1) % targets.size()) : next;
    }

    /** Opens a connection; how it goes, its events tell. */
    void open(ClientConnection connection) {
        EventLoop loop = connection.loop();
        if (loop.inEventLoop()) {
            register(connection);
        } else {
            loop.execute(() -> register(connection));
        }
    }

    private void register(ClientConnection connection) {
        Channel channel;
        try {
            channel = epoll ? new EpollSocketChannel() : new NioSocketChannel();
        } catch (RuntimeException e) {
            connection.fail(Ending.of(e.getCause() == null ? e : e.getCause(), false));
            return;
        }
        prepare(channel, connection);
        connection.attach(channel);
        connection
                .loop()
                .register(channel)
                .addListener(registered -> channel.connect(connection.target().address(), source())
                        .addListener(connected -> {
                            Throwable cause = connected.cause();
                            if (cause != null) {
                                connection.fail(Ending.of(cause, false));
                            }
                        }));
    }

    private void prepare(Channel channel, ClientConnection connection) {
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS);
        channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ_BYTES));
        if (epoll) {
            // Else a bound port is taken from all targets, not from this one alone.
            channel.config().setOption(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        }
        Target target = connection.target();
        if (target.tls() && tls != null) {
            channel.pipeline().addLast(tls.newHandler(channel.alloc(), target.host(), target.port()));
        }
        channel.pipeline().addLast(connection);
    }

    private @Nullable SocketAddress source() {
        List<java.net.InetAddress> addresses = sources.addresses();
        if (addresses.isEmpty()) {
            return null;
        }
        int turn = Math.floorMod(count.get() / targets.size(), addresses.size());
        return new InetSocketAddress(addresses.get(turn), 0);
    }

    /** Runs something on each loop, one after the other, and waits for it. */
    public void onEach(Consumer<LoopDesk> action) {
        for (LoopDesk desk : desks) {
            desk.loop().submit(() -> action.accept(desk)).syncUninterruptibly();
        }
    }

    /** A sum over the loops, each asked on its own thread. */
    public long sum(ToLongFunction<LoopDesk> count) {
        long[] sum = {0};
        onEach(desk -> sum[0] += count.applyAsLong(desk));
        return sum[0];
    }

    /** All loops' latencies in one. */
    public Histogram latency() {
        Histogram all = new Histogram(desks.get(0).latency());
        all.reset();
        onEach(desk -> all.add(desk.latency()));
        return all;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
