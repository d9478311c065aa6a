package dev.starling.channel;

import static dev.starling.channel.HistoryFixture.at;
import static dev.starling.channel.HistoryFixture.gap;
import static dev.starling.channel.HistoryFixture.message;
import static dev.starling.channel.HistoryFixture.messages;
import static dev.starling.channel.HistoryFixture.restarted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Sinks;

/** Channels with history: where a subscription begins, and what subscribers are told besides messages. */
final class HistoryChannelTests {

    private final HistoryFixture rig = new HistoryFixture();
    private final RecordingReceiver ann = new RecordingReceiver();
    private final RecordingReceiver bob = new RecordingReceiver();

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void aReceiverThatFailsIsToldSinceItHasLostSomething() {
        RecordingReceiver broken = new RecordingReceiver().then(batch -> {
            throw new OutOfMemoryError("the test says so");
        });
        RecordingReceiver whole = new RecordingReceiver();
        rig.join(broken);
        rig.join(whole);

        rig.arrive("e", 6);
        rig.run();

        assertThat(broken.failures()).isEqualTo(1);
        assertThat(whole.failures()).isZero();
        assertThat(whole.texts()).containsExactly(message(6));
    }

    @Test
    void theFirstMessageFollowsThePositionOfTheSubscription() {
        ChannelSubscription subscription = rig.join(ann);

        rig.arrive("e", 6, 7);
        rig.run();

        assertThat(ann.texts()).isEqualTo(messages(6, 7));
        assertThat(subscription.position()).isEqualTo(at("e", 7));
    }

    @Test
    void whoeverJoinsGetsNothingOfWhatIsQueuedAlready() {
        rig.join(ann);
        rig.arrive("e", 6, 7);

        CompletableFuture<ChannelSubscription> late =
                rig.hub.subscribe(HistoryFixture.NEWS, bob, rig.loop()).toFuture();

        assertThat(late).isCompletedWithValueMatching(joined -> at("e", 7).equals(joined.position()));
        rig.run();
        assertThat(ann.texts()).isEqualTo(messages(6, 7));
        assertThat(bob.texts()).isEmpty();
        rig.arrive("e", 8);
        rig.run();
        assertThat(bob.texts()).containsExactly(message(8));
    }

    @Test
    void ofABatchThatIsPartlyOldTheRestIsHandedOut() {
        rig.join(ann);
        rig.arrive("e", 6, 7);
        ChannelSubscription late = joinWithoutRunning();
        rig.arrive("e", 8, 9);
        rig.run();

        assertThat(ann.batches()).containsExactly(4);
        assertThat(bob.batches()).containsExactly(2);
        assertThat(bob.texts()).isEqualTo(messages(8, 9));
        assertThat(late.position()).isEqualTo(at("e", 9));
        assertThat(bob.frames()).allSatisfy(frame -> assertThat(frame.refCnt()).isZero());
    }

    /** Offsets alone would not tell: those of the old epoch are higher. */
    @Test
    void whatIsQueuedOfAnOldEpochIsOldToo() {
        rig.join(ann);
        rig.arrive("e", 6, 50);
        rig.restart("f", 2);
        rig.arrive("f", 3);
        ChannelSubscription late = joinWithoutRunning();
        assertThat(late.position()).isEqualTo(at("f", 3));

        rig.arrive("f", 4);
        rig.run();

        assertThat(bob.texts()).containsExactly(message(4));
        assertThat(ann.texts()).endsWith(message(50), restarted("f", 2), message(3), message(4));
    }

    @Test
    void aSubscriptionThatStandsTellsHowFarItIs() {
        ChannelSubscription subscription = rig.join(ann);
        assertThat(subscription.position()).isEqualTo(at("e", 5));

        rig.arrive("e", 6, 8);
        assertThat(subscription.position()).as("not handed out yet").isEqualTo(at("e", 5));
        rig.run();

        assertThat(subscription.position()).isEqualTo(at("e", 8));
    }

    @Test
    void holesAreToldAsGapsInTheirPlace() {
        rig.join(ann);
        rig.join(bob);

        rig.arrive("e", 6);
        rig.lose(7, 9);
        rig.arrive("e", 10);
        rig.run();

        assertThat(ann.texts()).containsExactly(message(6), gap(7, 9), message(10));
        assertThat(bob.texts()).isEqualTo(ann.texts());
        assertThat(bob.frames().get(1)).as("encoded once").isSameAs(ann.frames().get(1));
        assertThat(rig.value("ws.deliveries")).as("a gap is no message").isEqualTo(4);
    }

    @Test
    void aRestartIsToldInItsPlace() {
        ChannelSubscription subscription = rig.join(ann);

        rig.arrive("e", 6);
        rig.restart("f", 3);
        rig.arrive("f", 4);
        rig.run();

        assertThat(ann.texts()).containsExactly(message(6), restarted("f", 3), message(4));
        assertThat(subscription.position()).isEqualTo(at("f", 4));
    }

    @Test
    void whoComesAndGoesIsToldInItsPlace() {
        rig.join(ann);

        rig.arrive("e", 6);
        rig.broker.arrive(new PresenceChange(HistoryFixture.NEWS, true, new Member("eve", "c1", 1)));
        rig.arrive("e", 7);
        rig.broker.arrive(new PresenceChange(HistoryFixture.NEWS, false, new Member("eve", "c1", 1)));
        rig.run();

        assertThat(ann.texts())
                .containsExactly(
                        message(6),
                        "{\"type\":\"join\",\"channel\":\"news\",\"user\":\"eve\",\"connection\":\"c1\"}",
                        message(7),
                        "{\"type\":\"leave\",\"channel\":\"news\",\"user\":\"eve\",\"connection\":\"c1\"}");
    }

    /** A joiner sees its own join: it is announced after the subscription stands. */
    @Test
    void aJoinThatIsAnnouncedAfterTheSubscriptionIsSeen() {
        rig.join(ann);
        rig.broker.arrive(new PresenceChange(HistoryFixture.NEWS, true, new Member("ann", "c1", 1)));
        joinWithoutRunning();
        rig.broker.arrive(new PresenceChange(HistoryFixture.NEWS, true, new Member("bob", "c2", 1)));
        rig.run();

        assertThat(ann.texts()).hasSize(2);
        assertThat(bob.texts()).singleElement().asString().contains("\"bob\"");
    }

    @Test
    void whatTheBrokerSaysTwiceIsToldOnce() {
        rig.join(ann);

        rig.arrive("e", 6, 8);
        rig.arrive("e", 7, 9);
        rig.lose(8, 9);
        rig.run();

        assertThat(ann.texts()).isEqualTo(messages(6, 9));
    }

    @Test
    void aHoleThatTheBrokerDoesNotTellIsToldAllTheSame() {
        rig.join(ann);

        rig.arrive("e", 9);
        rig.run();

        assertThat(ann.texts()).containsExactly(gap(6, 8), message(9));
    }

    @Test
    void anEpochThatTheBrokerDoesNotTellIsToldAllTheSame() {
        rig.join(ann);

        rig.arrive("f", 3);
        rig.run();

        assertThat(ann.texts()).containsExactly(restarted("f", 2), message(3));
    }

    @Test
    void whatArrivesBeforeTheBrokerHasAnsweredBelongsToThePosition() {
        Sinks.One<StreamPosition> answer = Sinks.one();
        rig.broker.onSubscribe(answer.asMono());
        CompletableFuture<ChannelSubscription> joining =
                rig.hub.subscribe(HistoryFixture.NEWS, ann, rig.loop()).toFuture();

        rig.arrive("e", 6);
        answer.tryEmitValue(at("e", 5)).orThrow();
        rig.arrive("e", 7);
        rig.run();

        assertThat(joining).isCompletedWithValueMatching(joined -> at("e", 7).equals(joined.position()));
        rig.arrive("e", 8);
        rig.run();
        assertThat(ann.texts()).containsExactly(message(8));
    }

    /** Such as one that was on its way from before the channel was left and joined again. */
    @Test
    void aStragglerFromBeforeTheAnswerIsNotTold() {
        Sinks.One<StreamPosition> answer = Sinks.one();
        rig.broker.onSubscribe(answer.asMono());
        CompletableFuture<ChannelSubscription> joining =
                rig.hub.subscribe(HistoryFixture.NEWS, ann, rig.loop()).toFuture();

        rig.arrive("e", 3);
        answer.tryEmitValue(at("e", 5)).orThrow();
        rig.run();
        rig.arrive("e", 4, 6);
        rig.run();

        assertThat(joining).isCompletedWithValueMatching(joined -> joined.position() != null);
        assertThat(ann.texts()).containsExactly(message(6));
    }

    private ChannelSubscription joinWithoutRunning() {
        return java.util.Objects.requireNonNull(rig.hub
                .subscribe(HistoryFixture.NEWS, bob, rig.loop())
                .toFuture()
                .getNow(null));
    }

    @Test
    @SuppressWarnings("NullAway") // fails as a lack of memory would
    void aMessageThatCannotBeEncodedIsAGap() {
        rig.join(ann);

        rig.broker.arrive(new Publication(HistoryFixture.NEWS, null, at("e", 6)));
        rig.arrive("e", 7);
        rig.run();

        assertThat(ann.texts()).containsExactly(gap(6, 6), message(7));
    }
}
