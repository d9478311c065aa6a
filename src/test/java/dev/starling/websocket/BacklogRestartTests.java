package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.channel.ChannelSubscription;
import dev.starling.channel.HubOptions;
import dev.starling.channel.Recovered;
import dev.starling.channel.ScriptedBroker;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Publication;
import dev.starling.protocol.Restart;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** A channel begins anew while a session holds some of it; it was at offset 5 of the epoch "e". */
final class BacklogRestartTests {

    private static final ChannelName NEWS = new ChannelName("news");
    private static final StreamPosition START = new StreamPosition("e", 5);

    private final Wire wire = new Wire();
    private final ScriptedBroker broker = new ScriptedBroker();
    private final SessionFixture fixture =
            new SessionFixture(new HubOptions().on(broker).dropOldest("news", 4).hub(), "max-backlog=100KB");
    private final Session session = fixture.session(wire, wire.outbox());

    @AfterEach
    void close() {
        wire.close();
        fixture.close();
    }

    /** Else it would take itself to be far in a history of which it has got nothing, and recover from there. */
    @Test
    void howFarTheClientHasGotIsOfTheHistoryThatItKnows() {
        ChannelSubscription subscription = join();
        stall();
        arrive("e", 6);
        broker.arrive(new Restart(NEWS, new StreamPosition("f", 0), false));
        arrive("f", 1);
        assertThat(session.position(subscription)).isEqualTo(START);

        for (int i = 2; i <= 10; i++) {
            arrive("f", i);
        }
        assertThat(session.position(subscription)).isEqualTo(START);
        wire.unstall();
        wire.channel.runPendingTasks();
        assertThat(session.position(subscription)).isEqualTo(new StreamPosition("f", 10));
    }

    @Test
    void aRestartWithNothingDroppedBehindItIsNotPassedEither() {
        ChannelSubscription subscription = join();
        stall();
        broker.arrive(new Restart(NEWS, new StreamPosition("f", 0), false));
        for (int i = 1; i <= 4; i++) {
            arrive("f", i);
        }

        assertThat(session.position(subscription)).isEqualTo(START);
    }

    /** It comes back and recovers; going on would leave the message out without a word. */
    @Test
    void aSessionThatCannotBeSentWhatItMissedIsClosed() {
        ChannelSubscription subscription = subscribe();
        Publication broken = new Publication(NEWS, new byte[0], new StreamPosition("e", -1));

        session.join(new Recovered(subscription, START, true, List.of(broken), List.of()));
        session.resume();

        assertThat(session.isClosing()).isTrue();
    }

    private ChannelSubscription join() {
        ChannelSubscription subscription = subscribe();
        assertThat(session.join(subscription)).isTrue();
        return subscription;
    }

    private ChannelSubscription subscribe() {
        broker.onSubscribe(Mono.just(START));
        CompletableFuture<ChannelSubscription> result =
                fixture.hub.subscribe(NEWS, session, session.loop()).toFuture();
        wire.channel.runPendingTasks();
        return Objects.requireNonNull(result.getNow(null));
    }

    private void stall() {
        wire.stall();
        session.send(new ServerFrame.GoAway("x".repeat(70_000), 1, 1));
    }

    private void arrive(String epoch, long offset) {
        byte[] data = Long.toString(offset).getBytes(StandardCharsets.UTF_8);
        broker.arrive(new Publication(NEWS, data, new StreamPosition(epoch, offset)));
        wire.channel.runPendingTasks();
    }
}
