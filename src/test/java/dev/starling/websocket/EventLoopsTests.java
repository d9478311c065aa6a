package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

class EventLoopsTests {

    @Test
    void thereIsOneLoopPerProcessorUnlessToldOtherwise() {
        assertThat(transport(0, false, 4096).loops())
                .isEqualTo(Runtime.getRuntime().availableProcessors());
        with(
                transport(3, false, 4096),
                loops -> assertThat(loops.onServer(true)).hasSize(3).isSameAs(loops.onClient(true)));
    }

    @Test
    void ioUringIsNotUsedUnasked() {
        assumeThat(Epoll.isAvailable()).isTrue();
        with(
                transport(1, false, 4096),
                loops -> assertThat(isOn(loops, EpollIoHandler.class)).isTrue());
    }

    @Test
    void ioUringIsUsedWhereItIsAskedForAndCanBeHad() {
        assumeThat(IoUring.isAvailable()).isTrue();
        with(transport(1, true, 256), loops -> {
            assertThat(isOn(loops, IoUringIoHandler.class)).isTrue();
            assertThat(loops.onChannelClass(io.netty.channel.socket.ServerSocketChannel.class, loops.onServer(true)))
                    .isEqualTo(IoUringServerSocketChannel.class);
        });
    }

    @Test
    void epollIsUsedWhereIoUringCannotBeHad() {
        assumeThat(IoUring.isAvailable()).isFalse();
        assumeThat(Epoll.isAvailable()).isTrue();
        with(
                transport(1, true, 4096),
                loops -> assertThat(isOn(loops, EpollIoHandler.class)).isTrue());
    }

    @Test
    void theLoopsMustNotBlock() {
        with(
                transport(1, false, 4096),
                loops -> assertThat(loops.onServer(true).submit(Schedulers::isInNonBlockingThread))
                        .succeedsWithin(Duration.ofSeconds(10))
                        .isEqualTo(true));
    }

    private static TransportProperties transport(int loops, boolean ioUring, int ringSize) {
        return new TransportProperties(loops, ioUring, ringSize, 1, true);
    }

    private static boolean isOn(LoopResources loops, Class<? extends io.netty.channel.IoHandler> transport) {
        EventLoopGroup group = loops.onServer(true);
        return group instanceof IoEventLoopGroup io && io.isIoType(transport);
    }

    private static void with(TransportProperties properties, Consumer<LoopResources> test) {
        LoopResources loops = EventLoops.of(properties);
        try {
            test.accept(loops);
        } finally {
            loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
        }
        assertThat(loops.isDisposed()).isTrue();
    }
}
