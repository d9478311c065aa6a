package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.channel.ChannelSubscription;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.ServerFrame;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SessionTests {

    private static final ChannelName CHANNEL = new ChannelName("c");
    private static final String PONG = "\u0081\u0018{\"type\":\"pong\",\"ts\":123}";

    private final Wire wire = new Wire();
    private final SessionFixture fixture = new SessionFixture("max-backlog=10KB");
    private final Session session = fixture.session(wire, wire.outbox());

    @AfterEach
    void close() {
        wire.close();
        fixture.close();
    }

    @Test
    void aSessionThatCanNotTakeAMessageIsClosedSoThatItsClientComesBack() {
        session.failed();

        assertThat(session.isClosing()).isTrue();
        wire.channel.close();
        assertThat(fixture.count("ws.closes", "code", String.valueOf(CloseCode.INTERNAL_ERROR.code())))
                .isEqualTo(1);
    }

    @Test
    void whatItSendsIsCounted() {
        session.send(new ServerFrame.Pong(null, 123));

        assertThat(wire.written()).containsExactly(PONG);
        assertThat(fixture.count("ws.messages", "direction", "out", "type", "pong"))
                .isEqualTo(1);
        assertThat(session.traffic().messagesOut()).isEqualTo(1);
        assertThat(session.traffic().bytesOut()).isEqualTo(PONG.length());
    }

    @Test
    void closingSaysGoodbyeOnceAndLeavesItsChannels() {
        join();

        session.close(CloseCode.TOKEN_EXPIRED);
        session.close(CloseCode.SLOW_CONSUMER);
        publish("1");
        session.send(new ServerFrame.Pong(null, 123));
        session.sendControl(Frames.ping());

        assertThat(wire.written()).hasSize(1).first().asString().startsWith("CloseWebSocketFrame:");
        assertThat(session.isClosing()).isTrue();
        assertThat(session.subscriptionCount()).isZero();
        assertThat(wire.channel.pipeline().names()).containsSequence(Frames.DECODER, Frames.CLOSING);
    }

    @Test
    void itEndsOnceWithItsChannel() {
        join();

        session.cut(Closing.DEAD);
        session.operationComplete(wire.channel.closeFuture());

        assertThat(fixture.node.registry().size()).isZero();
        assertThat(fixture.count("ws.closes", "code", "1006")).isEqualTo(1);
        assertThat(session.subscriptionCount()).isZero();
        publish("1");
        assertThat(wire.written()).isEmpty();
    }

    @Test
    void theFirstReasonIsTheOneThatCounts() {
        session.closes(new Closing(1000, "bye", Closing.Initiator.CLIENT));
        session.cut(Closing.DEAD);

        assertThat(fixture.count("ws.closes", "code", "1000")).isEqualTo(1);
    }

    @Test
    void whoDoesNotReadIsClosedAsASlowConsumer() {
        join();
        wire.stall();

        for (int i = 0; i < 15 && !session.isClosing(); i++) {
            publish('"' + "x".repeat(1_000) + '"');
        }

        assertThat(session.isClosing()).isTrue();
        assertThat(fixture.count("ws.slow.consumers")).isEqualTo(1);
        assertThat(session.pendingBytes()).isLessThan(13_000);
    }

    @Test
    void whoAsksForMuchAtOnceIsNoSlowConsumer() {
        Outbox outbox = wire.outbox();
        Session asking = fixture.session(wire, outbox);
        String channel = "c".repeat(200);

        outbox.beginRead();
        for (int i = 0; i < 3 * Outbox.MOST_HELD; i++) {
            asking.send(new ServerFrame.Unsubscribed(null, new ChannelName(channel)));
        }
        outbox.endRead();

        assertThat(asking.isClosing()).isFalse();
        assertThat(wire.written()).hasSize(3 * Outbox.MOST_HELD);
        assertThat(wire.flushes()).isLessThan(10);
    }

    @Test
    void aSubscriptionThatComesTooLateIsGivenBack() {
        ChannelSubscription late = subscription();
        session.close(CloseCode.NORMAL);

        assertThat(session.join(late)).isFalse();

        publish("1");
        assertThat(wire.written()).hasSize(1).first().asString().startsWith("CloseWebSocketFrame:");
    }

    @Test
    void aPingOfACompressedSessionIsAPing() {
        try (Wire other = new Wire()) {
            Session deflating = fixture.session(other, other.deflatingOutbox());

            deflating.sendControl(Frames.ping());

            assertThat(other.written()).containsExactly("\u0089\0");
        }
    }

    private void join() {
        assertThat(session.join(subscription())).isTrue();
    }

    private ChannelSubscription subscription() {
        return Objects.requireNonNull(
                fixture.hub.subscribe(CHANNEL, session, session.loop()).block());
    }

    private void publish(String data) {
        fixture.hub
                .publish(CHANNEL, data.getBytes(StandardCharsets.UTF_8), null)
                .block();
        wire.channel.runPendingTasks();
    }
}
