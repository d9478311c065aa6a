package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.CloseCode;
import dev.starling.protocol.ServerFrame;
import dev.starling.security.VerifiedToken;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HeartbeatTests {

    private static final VerifiedToken EXPIRED = new VerifiedToken("ann", null, 1, List.of(), List.of());

    private final Wire wire = new Wire();
    private final Wire other = new Wire();
    private final SessionFixture fixture = new SessionFixture();
    private final LoopSessions sessions = new LoopSessions(wire.channel.eventLoop());
    private final Heartbeat heartbeat = new Heartbeat(
            new WebSocketProperties.Heartbeat(Duration.ofSeconds(30), Duration.ofSeconds(10)),
            new TokenClock(Duration.ZERO),
            Duration.ZERO,
            fixture.metrics);
    private boolean watching;

    @AfterEach
    void close() {
        wire.close();
        other.close();
        fixture.close();
    }

    @Test
    void theFirstPingIsInTheSecondHalfOfTheInterval() {
        long now = Node.nanos();
        for (int i = 0; i < 200; i++) {
            Liveness liveness = heartbeat.begin();
            assertThat(liveness.ping(now + TimeUnit.MILLISECONDS.toNanos(14_990), 30_000))
                    .isFalse();
            assertThat(liveness.ping(now + TimeUnit.MILLISECONDS.toNanos(31_000), 30_000))
                    .isTrue();
        }
    }

    @Test
    void anExpiredTokenClosesTheConnectionWithinARound() {
        Session session = watched(wire, EXPIRED);

        pass(2_500);

        assertThat(session.isClosing()).isTrue();
        assertThat(wire.written()).hasSize(1).first().asString().startsWith("CloseWebSocketFrame:");
        wire.channel.close();
        assertThat(fixture.count("ws.closes", "code", String.valueOf(CloseCode.TOKEN_EXPIRED.code())))
                .isEqualTo(1);
    }

    /** A timer that throws is never run again. */
    @Test
    void oneSessionsFaultDoesNotStopTheTimerOfTheOthers() {
        Session broken = watched(wire, EXPIRED);
        wire.channel.pipeline().remove(Frames.DECODER); // so that it can't be closed in the proper way
        pass(2_500);
        assertThat(broken.isClosing()).isTrue();

        Session late = watched(other, EXPIRED);
        pass(5_000);

        assertThat(late.isClosing()).isTrue();
        assertThat(other.written()).hasSize(1);
    }

    /** A frame is not done before it is all read, and its pongs wait behind a request that is in work. */
    @Test
    void whoReadsALargeFrameSlowlyIsAlive() {
        Session session = withLargeFrame();
        long now = Node.nanos();

        for (int i = 0; i < 100; i++) {
            now += TimeUnit.MILLISECONDS.toNanos(2_500);
            wire.readPart(1_000);
            heartbeat.check(session, now);
        }

        assertThat(wire.channel.isOpen()).isTrue();
    }

    @Test
    void whoStopsReadingIsDeadThoughSomethingWaits() {
        Session session = withLargeFrame();
        wire.readPart(1_000);

        beat(session, 17);

        assertThat(wire.channel.isOpen()).isFalse();
    }

    @Test
    void streamThatTakesItsCommentsLivesThoughNothingEverComesBack() {
        Session session = fixture.session(wire, wire.eventStreamOutbox());

        beat(session, 200);

        assertThat(wire.channel.isOpen()).isTrue();
        assertThat(wire.written()).hasSizeBetween(15, 17).containsOnly(":\n");
    }

    @Test
    void streamThatTakesNothingForTheTimeoutIsDead() {
        Session session = fixture.session(wire, wire.eventStreamOutbox());
        wire.stall();
        session.send(new ServerFrame.GoAway("x".repeat(10_000), 1, 2));

        beat(session, 17);

        assertThat(wire.channel.isOpen()).isFalse();
    }

    /** Comes around as the timer does, so many times. */
    private void beat(Session session, int rounds) {
        long now = Node.nanos();
        for (int i = 0; i < rounds; i++) {
            now += TimeUnit.MILLISECONDS.toNanos(2_500);
            heartbeat.check(session, now);
        }
    }

    private Session withLargeFrame() {
        Session session = fixture.session(wire, wire.outbox());
        wire.stall();
        session.sendControl(Unpooled.wrappedBuffer(new byte[500_000]));
        return session;
    }

    private Session watched(Wire on, VerifiedToken token) {
        Session session = fixture.session(on, on.outbox(), token);
        fixture.node.registry().loops().forEach(bag -> bag.remove(session));
        sessions.add(session);
        if (!watching) {
            watching = true;
            wire.channel.freezeTime();
            heartbeat.watch(sessions);
        }
        return session;
    }

    private void pass(long millis) {
        for (long passed = 0; passed < millis; passed += 125) {
            wire.channel.advanceTimeBy(125, TimeUnit.MILLISECONDS);
            wire.channel.runScheduledPendingTasks();
        }
    }
}
