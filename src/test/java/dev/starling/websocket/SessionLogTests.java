package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.starling.protocol.CloseCode;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class SessionLogTests {

    private static final int QUEUE = 16_384;

    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.starling.session");
    private final Disk disk = new Disk();
    private final Wire wire = new Wire();
    private final SessionFixture fixture = new SessionFixture();
    private final Session session = fixture.session(wire, wire.outbox());

    @BeforeEach
    void listen() {
        disk.start();
        logger.setAdditive(false);
        logger.addAppender(disk);
    }

    @AfterEach
    void stop() {
        disk.free.countDown();
        fixture.close();
        logger.detachAppender(disk);
        logger.setAdditive(true);
        wire.close();
    }

    @Test
    void anEventHasItsNameAndWhoItIsAbout() {
        disk.free.countDown();

        fixture.log.connected(session);
        fixture.log.slowConsumer(session);
        fixture.close();

        assertThat(disk.lines).extracting(ILoggingEvent::getMessage).containsExactly("ws.connect", "ws.slow_consumer");
        assertThat(disk.lines).extracting(ILoggingEvent::getLevel).containsExactly(Level.INFO, Level.WARN);
        assertThat(keys(disk.lines.get(0)))
                .containsEntry("event", "ws.connect")
                .containsEntry("connection", session.id())
                .containsEntry("user", "ann")
                .containsEntry("address", "local")
                .containsEntry("active", "1");
    }

    @Test
    void theLastLineSaysHowItEndedAndWhatWentThrough() {
        disk.free.countDown();
        session.traffic().received(10);
        session.traffic().sent(2, 50);

        session.close(CloseCode.SLOW_CONSUMER);
        wire.channel.close();
        fixture.close();

        assertThat(disk.lines).hasSize(1);
        assertThat(keys(disk.lines.get(0)))
                .containsEntry("event", "ws.disconnect")
                .containsEntry("code", "4001")
                .containsEntry("reason", "slow_consumer")
                .containsEntry("initiator", "server")
                .containsEntry("messagesIn", "1")
                .containsEntry("bytesIn", "10")
                .containsEntry("messagesOut", "2")
                .containsEntry("bytesOut", "50")
                .containsEntry("active", "0")
                .containsEntry("pendingBytes", "0")
                .containsKey("durationMillis");
    }

    @Test
    void whatWaitedWhenTheEndBeganIsSaidAndTold() {
        disk.free.countDown();
        wire.stall();
        wire.outbox().sendControl(Unpooled.buffer().writeZero(1_000));
        long pending = session.pendingBytes();

        session.cut(Closing.DEAD);
        fixture.close();

        assertThat(pending).isGreaterThanOrEqualTo(1_000);
        assertThat(keys(disk.lines.get(0))).containsEntry("pendingBytes", String.valueOf(pending));
        assertThat(fixture.closed).singleElement().satisfies(closed -> {
            assertThat(closed.pendingBytes()).isEqualTo(pending);
            assertThat(closed.connection()).isEqualTo(session.id());
            assertThat(closed.code()).isEqualTo(1006);
            assertThat(closed.reason()).isEqualTo("heartbeat timeout");
            assertThat(closed.initiator()).isEqualTo("server");
            assertThat(closed.roundTripMillis()).isNull();
        });
    }

    @Test
    void aFaultComesWithItsStackTrace() {
        disk.free.countDown();

        fixture.log.failed(session, new IllegalStateException("a fault, as the test wants it"));
        fixture.close();

        assertThat(disk.lines.get(0).getLevel()).isEqualTo(Level.ERROR);
        assertThat(disk.lines.get(0).getThrowableProxy().getMessage()).isEqualTo("a fault, as the test wants it");
    }

    @Test
    void aSlowDiskHoldsNobodyAndWhatDoesNotFitIsCounted() throws InterruptedException {
        fixture.log.connected(session);
        assertThat(disk.entered.await(20, TimeUnit.SECONDS)).isTrue();

        for (int i = 0; i < QUEUE; i++) {
            fixture.log.connected(session);
        }
        assertThat(fixture.count("ws.log.dropped")).isZero();
        for (int i = 0; i < 5; i++) {
            fixture.log.connected(session);
        }

        assertThat(fixture.count("ws.log.dropped")).isEqualTo(5);
    }

    private static Map<String, String> keys(ILoggingEvent line) {
        return line.getKeyValuePairs().stream()
                .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
    }

    /** Takes no line until it is free. */
    private static final class Disk extends AppenderBase<ILoggingEvent> {

        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch free = new CountDownLatch(1);
        private final List<ILoggingEvent> lines = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent line) {
            entered.countDown();
            try {
                if (free.await(20, TimeUnit.SECONDS)) {
                    lines.add(line);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
