package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

final class ChannelHubTests {

    private final HubFixture rig = new HubFixture();
    private final RecordingReceiver ann = new RecordingReceiver();
    private final RecordingReceiver bob = new RecordingReceiver();

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void eachReceiverGetsEachMessageOnceAndInOrder() {
        rig.join("chat", ann);
        rig.join("chat", bob);
        List<String> sent =
                IntStream.range(0, 1_000).mapToObj(Integer::toString).toList();

        sent.forEach(data -> rig.publish("chat", data));
        rig.run();

        assertThat(ann.data()).isEqualTo(sent);
        assertThat(bob.data()).isEqualTo(sent);
        assertThat(rig.value("ws.publishes")).isEqualTo(1_000);
        assertThat(rig.value("ws.publications")).isEqualTo(1_000);
        assertThat(rig.value("ws.deliveries")).isEqualTo(2_000);
        assertThat(rig.hub.deliveries()).isEqualTo(2_000);
        assertThat(rig.hub.deliveredBytes())
                .isEqualTo(2L
                        * ann.frames().stream().mapToInt(ByteBuf::writerIndex).sum());
    }

    @Test
    void aMessageIsTheFrameOfTheProtocol() {
        rig.join("chat", ann);

        rig.publish("chat", "{\"n\": 1}");
        rig.run();

        assertThat(ann.texts()).containsExactly("{\"type\":\"message\",\"channel\":\"chat\",\"data\":{\"n\": 1}}");
    }

    @Test
    void nothingIsHandedOutBeforeTheLoopHasItsTurn() {
        rig.join("chat", ann);

        rig.publish("chat", "1");

        assertThat(ann.texts()).isEmpty();
        rig.run();
        assertThat(ann.data()).containsExactly("1");
    }

    @Test
    void aMessageIsEncodedOnceForAllReceivers() {
        List<RecordingReceiver> everyone = joinAll("chat", 10);

        rig.publish("chat", "\"hello\"");
        rig.run();

        ByteBuf frame = ann(everyone).frames().get(0);
        assertThat(everyone).allSatisfy(receiver -> {
            assertThat(receiver.frames()).hasSize(1);
            assertThat(receiver.frames().get(0)).isSameAs(frame);
            assertThat(receiver.joined().get(0)).isSameAs(frame);
        });
    }

    @Test
    void nothingOfAMessageIsHeldOnceAllReceiversHaveSeenIt() {
        List<RecordingReceiver> everyone = joinAll("chat", 5);
        rig.join("other", ann);

        for (int i = 0; i < 40; i++) {
            rig.publish("chat", "1");
            rig.publish("other", "2");
        }
        rig.run();

        assertThat(everyone)
                .allSatisfy(receiver -> assertThat(receiver.frames())
                        .hasSize(40)
                        .allSatisfy(frame -> assertThat(frame.refCnt()).isZero()));
        assertThat(everyone.get(0).joined())
                .isNotEmpty()
                .allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
        assertThat(ann.frames())
                .hasSize(40)
                .allSatisfy(frame -> assertThat(frame.refCnt()).isZero());
    }

    @Test
    void whatAReceiverRetainsIsItsOwn() {
        List<ByteBuf> kept = new ArrayList<>();
        rig.join("chat", ann.then(batch -> kept.add(batch.message(0).frame().retainedDuplicate())));

        rig.publish("chat", "1");
        rig.run();

        assertThat(kept).hasSize(1);
        assertThat(kept.get(0).refCnt()).isEqualTo(1);
        assertThat(kept.get(0).release()).isTrue();
    }

    @Test
    void nothingIsEncodedForAChannelWithoutListeners() {
        rig.join("chat", ann);

        rig.publish("silence", "1");
        rig.run();

        assertThat(ann.texts()).isEmpty();
        assertThat(rig.value("ws.publications")).isEqualTo(1);
        assertThat(rig.value("ws.channels")).isEqualTo(1);
        // Encoding would need the data, of which there is none here.
        assertThat(rig.hub
                        .publish(new dev.starling.protocol.ChannelName("silence"), new byte[0], null)
                        .blockOptional())
                .isEmpty();
    }

    @Test
    void afterUnsubscribingNothingComesNotEvenWhatWaitedAlready() {
        ChannelSubscription subscription = rig.join("chat", ann);
        rig.join("chat", bob);
        rig.publish("chat", "1");

        rig.hub.unsubscribe(subscription);
        rig.publish("chat", "2");
        rig.run();

        assertThat(ann.texts()).isEmpty();
        assertThat(bob.data()).containsExactly("1", "2");
    }

    @Test
    void theFirstSubscribesAtTheBrokerAndTheLastUnsubscribes() {
        ChannelSubscription first = rig.join("chat", ann);
        ChannelSubscription second = rig.join("chat", bob);
        rig.join("other", bob);
        assertThat(rig.value("ws.subscriptions")).isEqualTo(3);
        assertThat(rig.value("ws.channels")).isEqualTo(2);

        rig.hub.unsubscribe(first);
        assertThat(rig.broker.calls()).containsExactly("+chat", "+other");
        rig.hub.unsubscribe(second);

        assertThat(rig.broker.calls()).containsExactly("+chat", "+other", "-chat");
        assertThat(rig.value("ws.subscriptions")).isEqualTo(1);
        assertThat(rig.value("ws.channels")).isEqualTo(1);
    }

    @Test
    void unsubscribingAgainIsWithoutEffect() {
        ChannelSubscription first = rig.join("chat", ann);
        rig.join("chat", bob);

        rig.hub.unsubscribe(first);
        rig.hub.unsubscribe(first);

        assertThat(rig.value("ws.subscriptions")).isEqualTo(1);
        rig.publish("chat", "1");
        rig.run();
        assertThat(bob.data()).containsExactly("1");
    }

    @Test
    void aChannelThatWasLeftComesBackAnew() {
        rig.hub.unsubscribe(rig.join("chat", ann));

        rig.join("chat", bob);
        rig.publish("chat", "1");
        rig.run();

        assertThat(rig.broker.calls()).containsExactly("+chat", "-chat", "+chat");
        assertThat(bob.data()).containsExactly("1");
        assertThat(ann.texts()).isEmpty();
    }

    @Test
    void whatWasQueuedForTheLastOneOutIsNotDeliveredToWhoeverComesNext() {
        ChannelSubscription last = rig.join("chat", ann);
        rig.publish("chat", "1");
        rig.hub.unsubscribe(last);

        rig.join("chat", bob);
        rig.publish("chat", "2");
        rig.run();

        assertThat(bob.data()).containsExactly("2");
    }

    @Test
    void aFailingSubscribeFailsTheJoinAndLeavesNothingBehind() {
        rig.broker.onSubscribe(() -> Mono.error(unavailable()));

        assertThatThrownBy(() -> subscribeAndRun("chat", ann)).isInstanceOf(RefusedException.class);

        assertNothingIsLeft();
        rig.broker.onSubscribe(Mono::empty);
        rig.join("chat", ann);
        rig.publish("chat", "1");
        rig.run();
        assertThat(ann.data()).containsExactly("1");
    }

    @Test
    void aSubscribeThatThrowsFailsTheJoinAndLeavesNothingBehind() {
        rig.broker.onSubscribe(() -> {
            throw unavailable();
        });

        assertThatThrownBy(() -> subscribeAndRun("chat", ann)).isInstanceOf(RefusedException.class);

        assertNothingIsLeft();
    }

    @Test
    void allWhoWaitForAFailingSubscribeFailAndLeaveNothingBehind() {
        Sinks.One<StreamPosition> pending = Sinks.one();
        rig.broker.onSubscribe(pending::asMono);
        CompletableFuture<ChannelSubscription> first =
                rig.subscribe("chat", ann).toFuture();
        CompletableFuture<ChannelSubscription> second =
                rig.subscribe("chat", bob).toFuture();

        pending.tryEmitError(unavailable()).orThrow();
        rig.run();

        assertThat(first).isCompletedExceptionally();
        assertThat(second).isCompletedExceptionally();
        assertThat(rig.broker.calls()).filteredOn("+chat"::equals).hasSize(1);
        assertNothingIsLeft();
    }

    @Test
    void whoComesWhileTheOthersStillLearnOfAFailureFailsToo() {
        Sinks.One<StreamPosition> pending = Sinks.one();
        rig.broker.onSubscribe(pending::asMono);
        CompletableFuture<ChannelSubscription> first =
                rig.subscribe("chat", ann).toFuture();
        pending.tryEmitError(unavailable()).orThrow();

        CompletableFuture<ChannelSubscription> late = rig.subscribe("chat", bob).toFuture();
        rig.run();

        assertThat(first).isCompletedExceptionally();
        assertThat(late).isCompletedExceptionally();
        assertNothingIsLeft();
    }

    @Test
    void aSlowSubscribeJoinsOnceItIsDoneAndOnTheLoop() {
        Sinks.One<StreamPosition> pending = Sinks.one();
        rig.broker.onSubscribe(pending::asMono);
        CompletableFuture<ChannelSubscription> first =
                rig.subscribe("chat", ann).toFuture();
        CompletableFuture<ChannelSubscription> second =
                rig.subscribe("chat", bob).toFuture();
        rig.publish("chat", "0");
        rig.run();
        assertThat(first).as("the broker has not answered yet").isNotDone();

        pending.tryEmitEmpty().orThrow();
        assertThat(first).as("the loop has not run yet").isNotDone();
        rig.publish("chat", "1");
        rig.run();
        rig.publish("chat", "2");
        rig.run();

        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
        assertThat(ann.data()).containsExactly("2");
        assertThat(bob.data()).containsExactly("2");
        assertThat(rig.value("ws.subscriptions")).isEqualTo(2);
    }

    @Test
    void whoGivesUpWaitingForASlowSubscribeLeavesNothingBehind() {
        Sinks.One<StreamPosition> pending = Sinks.one();
        rig.broker.onSubscribe(pending::asMono);

        rig.subscribe("chat", ann).subscribe().dispose();
        pending.tryEmitEmpty().orThrow();
        rig.run();

        assertNothingIsLeft();
    }

    @Test
    void aFailingUnsubscribeEndsTheChannelHereAllTheSame() {
        rig.broker.onUnsubscribe(() -> Mono.error(unavailable()));

        rig.hub.unsubscribe(rig.join("chat", ann));

        assertNothingIsLeft();
    }

    @Test
    void anUnsubscribeThatThrowsEndsTheChannelHereAllTheSame() {
        rig.broker.onUnsubscribe(() -> {
            throw new IllegalStateException("a fault of the broker, as the test wants it");
        });

        rig.hub.unsubscribe(rig.join("chat", ann));

        assertNothingIsLeft();
        rig.join("chat", bob);
        assertThat(rig.broker.calls()).containsExactly("+chat", "-chat", "+chat");
    }

    @Test
    void whatCouldNotBeSubscribedIsNotUnsubscribed() {
        rig.broker.onSubscribe(() -> Mono.error(unavailable()));

        assertThatThrownBy(() -> subscribeAndRun("chat", ann)).isInstanceOf(RefusedException.class);

        assertThat(rig.broker.calls()).containsExactly("+chat");
    }

    @Test
    void whoGivesUpWaitingUnsubscribesWhatMayStillBecomeASubscription() {
        rig.broker.onSubscribe(Mono::never);

        rig.subscribe("chat", ann).subscribe().dispose();

        assertThat(rig.broker.calls()).containsExactly("+chat", "-chat");
    }

    @Test
    void whoIsUnsubscribedDuringADeliveryIsNotCounted() {
        ChannelSubscription first = rig.join("chat", ann);
        rig.join("chat", bob.then(batch -> rig.hub.unsubscribe(first)));

        rig.publish("chat", "1");
        rig.run();

        assertThat(ann.texts()).as("its turn would have come after").isEmpty();
        assertThat(rig.hub.deliveries()).isEqualTo(1);
        assertThat(rig.hub.deliveredBytes()).isEqualTo(bob.frames().get(0).writerIndex());
    }

    @Test
    void aReceiverThatThrowsCostsTheOthersNothing() {
        rig.join("chat", bob);
        rig.join("chat", ann.then(batch -> {
            throw new IllegalStateException("a fault of this receiver, as the test wants it");
        }));
        RecordingReceiver last = new RecordingReceiver();
        rig.join("chat", last);

        rig.publish("chat", "1");
        rig.run();
        rig.publish("chat", "2");
        rig.run();

        assertThat(bob.data()).containsExactly("1", "2");
        assertThat(last.data()).containsExactly("1", "2");
        assertThat(bob.frames()).allSatisfy(frame -> assertThat(frame.refCnt()).isZero());
    }

    /** As Netty's OutOfDirectMemoryError is one. */
    @Test
    void aReceiverThatFailsWithAnErrorCostsTheOthersNothing() {
        rig.join("chat", bob);
        rig.join("chat", ann.then(batch -> {
            throw new AssertionError("an error of this receiver, as the test wants it");
        }));
        rig.join("other", bob);

        rig.publish("chat", "1");
        rig.publish("other", "2");
        rig.run();

        assertThat(bob.data()).containsExactly("1", "2");
    }

    private List<RecordingReceiver> joinAll(String channel, int count) {
        List<RecordingReceiver> receivers =
                IntStream.range(0, count).mapToObj(i -> new RecordingReceiver()).toList();
        receivers.forEach(receiver -> rig.join(channel, receiver));
        return receivers;
    }

    private static RecordingReceiver ann(List<RecordingReceiver> everyone) {
        return everyone.get(0);
    }

    private void subscribeAndRun(String channel, Receiver receiver) {
        CompletableFuture<ChannelSubscription> result =
                rig.subscribe(channel, receiver).toFuture();
        rig.run();
        assertThat(result).isDone();
        Mono.fromFuture(result).block(HubFixture.PATIENCE);
    }

    private void assertNothingIsLeft() {
        assertThat(rig.value("ws.channels")).isZero();
        assertThat(rig.value("ws.subscriptions")).isZero();
    }

    private static RefusedException unavailable() {
        return new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "the test says so");
    }
}
