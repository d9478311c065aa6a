package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.security.TestLimits;
import dev.starling.security.VerifiedToken;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.local.LocalChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SessionDrainTests {

    private static final long PATIENCE_SECONDS = 20;
    private static final VerifiedToken TOKEN = new VerifiedToken("ann", null, 0, List.of(), List.of());

    private final SessionFixture fixture = new SessionFixture();
    private final Loop loop = new Loop();
    private final HttpConnections http = new HttpConnections(TestLimits.http(TestLimits.of()), fixture.registry);
    private final SessionDrain drain = new SessionDrain(
            fixture.node.registry(), http, new WebSocketProperties.Drain(Duration.ofSeconds(1), 1_000_000));
    private final CountDownLatch drained = new CountDownLatch(1);

    @AfterEach
    void close() {
        loop.refusing = false;
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        fixture.close();
    }

    @Test
    void nobodyToDrainTakesNoTime() throws Exception {
        drain.stop(drained::countDown);

        assertThat(drained.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(drain.isDraining()).isTrue();
    }

    @Test
    void aSessionThatDoesNotGoIsCutInTime() throws Exception {
        session();

        drain.stop(drained::countDown);

        assertThat(drained.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        Awaitility.await().until(() -> fixture.node.registry().size() == 0);
    }

    @Test
    void anEventLoopThatTakesNoTasksDoesNotKeepTheNodeFromLeaving() throws Exception {
        session();
        loop.refusing = true;

        drain.stop(drained::countDown);

        assertThat(drained.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(fixture.node.registry().size()).isEqualTo(1);
    }

    /** One without a client at the other end, hence done when told to go. */
    private void session() throws Exception {
        LocalChannel channel = new LocalChannel();
        channel.pipeline().addLast(Frames.ENCODER, new ChannelInboundHandlerAdapter());
        loop.register(channel).sync();
        loop.submit(() -> fixture.session(channel, new Outbox(channel.pipeline().context(Frames.ENCODER)), TOKEN))
                .sync();
    }

    private static final class Loop extends DefaultEventLoop {

        private volatile boolean refusing;

        @Override
        public void execute(Runnable task) {
            if (refusing) {
                throw new RejectedExecutionException("on purpose");
            }
            super.execute(task);
        }
    }
}
