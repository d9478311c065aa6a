package dev.starling.websocket;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;
import reactor.netty.resources.LoopResources;

/**
 * The threads that serve the sockets. Reactor Netty's own choice would be four at least, and io_uring wherever its library is
 * found; here it is one per processor, and epoll unless asked.
 */
final class EventLoops implements LoopResources {

    private static final Logger log = LoggerFactory.getLogger(EventLoops.class);
    private static final int COMPLETIONS_PER_ENTRY = 4;

    private final EventLoopGroup group;

    private EventLoops(EventLoopGroup group) {
        this.group = group;
    }

    /** Starts as many threads as asked, on what the machine has. */
    static LoopResources of(TransportProperties properties) {
        int threads = properties.loops();
        if (properties.ioUring()) {
            if (IoUring.isAvailable()) {
                return on("io_uring", IoUringIoHandler.newFactory(ring(properties.ringSize())), threads);
            }
            log.atWarn()
                    .addKeyValue("cause", String.valueOf(IoUring.unavailabilityCause()))
                    .log("transport.io_uring_unavailable");
        }
        return Epoll.isAvailable()
                ? on("epoll", EpollIoHandler.newFactory(), threads)
                : LoopResources.create("starling", threads, true);
    }

    private static IoUringIoHandlerConfig ring(int size) {
        return new IoUringIoHandlerConfig().setRingSize(size).setCqSize(size * COMPLETIONS_PER_ENTRY);
    }

    private static EventLoops on(String name, IoHandlerFactory transport, int threads) {
        log.atInfo()
                .addKeyValue("transport", name)
                .addKeyValue("eventLoops", threads)
                .log("transport.start");
        return new EventLoops(new MultiThreadIoEventLoopGroup(threads, new Threads(), transport));
    }

    @Override
    public EventLoopGroup onServer(boolean useNative) {
        return group;
    }

    @Override
    public EventLoopGroup onClient(boolean useNative) {
        return group;
    }

    @Override
    public boolean daemon() {
        return true;
    }

    @Override
    public boolean isDisposed() {
        return group.isShuttingDown();
    }

    @Override
    public void dispose() {
        disposeLater().subscribe();
    }

    @Override
    public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
        return Mono.create(
                done -> group.shutdownGracefully(quietPeriod.toMillis(), timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .addListener(ended -> done.success()));
    }

    /** Makes threads that Reactor knows as such that must not block. */
    private static final class Threads implements ThreadFactory {

        private final AtomicInteger count = new AtomicInteger();

        @Override
        public Thread newThread(Runnable work) {
            Thread thread = new LoopThread(work, "starling-loop-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        }
    }

    private static final class LoopThread extends FastThreadLocalThread implements NonBlocking {

        private LoopThread(Runnable work, String name) {
            super(work, name);
        }
    }
}
