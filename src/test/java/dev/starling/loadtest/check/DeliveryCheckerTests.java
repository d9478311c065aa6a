package dev.starling.loadtest.check;

import static dev.starling.loadtest.check.Run.CHANNEL;
import static dev.starling.loadtest.check.Run.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.loadtest.check.DeliveryFault.Kind;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Channels with history: what is right passes, and each fault is found. */
class DeliveryCheckerTests {

    private final Run run = new Run();

    @Test
    void completeRunIsClean() {
        run.subscribed(at("e", 0)).published("e", 1, 3000).got(1, 3000);

        DeliveryReport report = run.clean();
        assertThat(report.sent()).isEqualTo(3000);
        assertThat(report.acknowledged()).isEqualTo(3000);
        assertThat(report.delivered()).isEqualTo(3000);
        assertThat(report.toldLost()).isZero();
    }

    @Test
    void nothingOfThePastIsOwed() {
        run.published("e", 1, 5).subscribed(at("e", 5)).published("e", 6, 7).got(6, 7);
        run.clean();
    }

    @Test
    void deliveryBeforeItsAcknowledgementIsFine() {
        run.subscribed(at("e", 0));
        run.checker.sent(CHANNEL, 0, 1);
        run.got(1, 1);
        run.checker.acknowledged(CHANNEL, 0, 1, at("e", 1));
        run.clean();
    }

    @Test
    void missingMessageIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 5).got(1, 2).got(4, 5);

        DeliveryReport report = run.faulty(Kind.LOST);
        assertThat(report.faults().get(0).detail()).contains("1 before the message at 4, after e/2");
        assertThat(report.faults().get(0).subscriber()).isEqualTo("s");
    }

    @Test
    void missingEndIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 5).got(1, 4);
        assertThat(run.checker.outstanding()).isEqualTo(1);
        run.faulty(Kind.LOST);
    }

    @Test
    void whoHasWhatThereWasHasCaughtUpWhateverIsPublishedSince() {
        run.subscribed(at("e", 0)).published("e", 1, 5).got(1, 3);
        BooleanSupplier caughtUp = run.checker.caughtUp();
        assertThat(caughtUp.getAsBoolean()).isFalse();

        run.published("e", 6, 9).got(4, 5);
        assertThat(caughtUp.getAsBoolean()).isTrue();
    }

    @Test
    void messageThatCanNotBeOfThisRunIsStrange() {
        run.subscribed(at("e", 0));
        run.subscriber.strange(CHANNEL, "no number");
        run.faulty(Kind.STRANGE);
    }

    @Test
    void missingEndIsFoundByWhatAnotherGot() {
        run.subscribed(at("e", 0)).published("e", 1, 1).got(1, 1);
        SubscriberLog other = run.checker.subscriber("other");
        other.subscribed(CHANNEL, at("e", 0), null);
        other.message(CHANNEL, 1, 0, 1);
        run.checker.sent(CHANNEL, 0, 2);
        other.message(CHANNEL, 2, 0, 2);

        assertThat(run.faulty(Kind.LOST).faults().get(0).subscriber()).isEqualTo("s");
    }

    @Test
    void messageThatIsLostToAllIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 2).published(3, at("e", 4)).got(1, 2);
        run.subscriber.message(CHANNEL, 4, 0, 3);
        run.faulty(Kind.LOST, Kind.HOLE);
    }

    @Test
    void repetitionIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 3).got(1, 3).got(3, 3);
        run.faulty(Kind.REPEATED);
    }

    @Test
    void wrongOrderIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 3).got(1, 1).got(3, 3).got(2, 2);
        run.faulty(Kind.LOST, Kind.REPEATED);
    }

    @Test
    void otherMessageAtTheSamePositionIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 2).got(1, 1);
        run.checker.sent(CHANNEL, 0, 3);
        run.subscriber.message(CHANNEL, 2, 0, 3);
        run.faulty(Kind.ALTERED);
    }

    @Test
    void subscribersWhoSeeDifferentOrdersAreFound() {
        run.subscribed(at("e", 0));
        run.checker.sent(CHANNEL, 0, 1);
        run.checker.sent(CHANNEL, 1, 1);
        run.subscriber.message(CHANNEL, 1, 0, 1);
        run.subscriber.message(CHANNEL, 2, 1, 1);
        SubscriberLog other = run.checker.subscriber("other");
        other.subscribed(CHANNEL, at("e", 0), null);
        other.message(CHANNEL, 1, 1, 1);
        other.message(CHANNEL, 2, 0, 1);
        run.faulty(Kind.ALTERED, Kind.ALTERED);
    }

    @Test
    void messageThatNobodySentIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 1).got(1, 1);
        run.subscriber.message(CHANNEL, 2, 7, 1);
        run.faulty(Kind.STRANGE);
    }

    @Test
    void messageWithTwoPlacesIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 1).got(1, 1);
        run.subscriber.message(CHANNEL, 2, 0, 1);
        run.faulty(Kind.PUBLISHED_TWICE);
    }

    @Test
    void retryThatIsPublishedTwiceIsFound() {
        run.subscribed(at("e", 0));
        run.checker.sent(CHANNEL, 0, 1);
        run.published(1, at("e", 2));
        run.subscriber.message(CHANNEL, 1, 0, 1);
        run.subscriber.message(CHANNEL, 2, 0, 1);
        run.faulty(Kind.PUBLISHED_TWICE);
    }

    @Test
    void messageInTwoHistoriesIsFoundUnlessItWasSentAgain() {
        run.subscribed(at("e", 0)).published("e", 1, 2).got(1, 2);
        run.subscriber.subscribed(CHANNEL, at("f", 0), false);
        run.published(3, at("f", 1)).published(2, at("f", 2));
        run.subscriber.message(CHANNEL, 1, 0, 3);
        run.subscriber.message(CHANNEL, 2, 0, 2);
        run.clean();

        run.checker.acknowledged(CHANNEL, 0, 1, at("f", 3));
        run.subscriber.message(CHANNEL, 3, 0, 1);
        run.faulty(Kind.OUT_OF_ORDER, Kind.PUBLISHED_TWICE);
    }

    @Test
    void publishersOrderIsProved() {
        run.subscribed(at("e", 0)).published(1, at("e", 2)).published(2, at("e", 1));
        run.subscriber.message(CHANNEL, 1, 0, 2);
        run.subscriber.message(CHANNEL, 2, 0, 1);
        run.faulty(Kind.OUT_OF_ORDER);
    }

    @Test
    void unknownOutcomeMayBeEither() {
        run.subscribed(at("e", 0));
        run.checker.sent(CHANNEL, 0, 1);
        run.checker.sent(CHANNEL, 0, 2);
        run.subscriber.message(CHANNEL, 1, 0, 2);

        DeliveryReport report = run.clean();
        assertThat(report.sent()).isEqualTo(2);
        assertThat(report.acknowledged()).isZero();
    }

    @Test
    void retryMayComeLate() {
        run.subscribed(at("e", 0));
        run.checker.sent(CHANNEL, 0, 1);
        run.published(2, at("e", 1)).published(1, at("e", 2));
        run.subscriber.message(CHANNEL, 1, 0, 2);
        run.subscriber.message(CHANNEL, 2, 0, 1);
        assertThat(run.clean().sent()).isEqualTo(2);
    }

    @Test
    void whoHasLeftIsOwedNothing() {
        run.subscribed(at("e", 0)).published("e", 1, 2).got(1, 2);
        run.subscriber.unsubscribed(CHANNEL);
        run.published("e", 3, 4).subscribed(at("e", 4)).published("e", 5, 5).got(5, 5);
        run.clean();
    }

    @Test
    void messageToOneWhoHasLeftIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 1).got(1, 1);
        run.subscriber.unsubscribed(CHANNEL);
        run.published("e", 2, 2).got(2, 2);
        run.faulty(Kind.UNASKED);
    }

    @Test
    void messageWithoutItsOffsetIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 1);
        run.subscriber.message(CHANNEL, 0, 0, 1);
        run.got(1, 1);
        run.faulty(Kind.WRONG_POSITION);
    }

    @Test
    void subscriptionWithoutItsPositionIsFound() {
        run.subscribed(at("e", 0));
        run.subscriber.disconnected();
        run.subscriber.subscribed(CHANNEL, null, null);
        run.faulty(Kind.WRONG_POSITION);
    }

    @Test
    void acknowledgementWithoutItsPositionIsFound() {
        run.subscribed(at("e", 0));
        run.checker.sent(CHANNEL, 0, 1);
        run.checker.acknowledged(CHANNEL, 0, 1, null);
        run.got(1, 1);
        run.faulty(Kind.WRONG_POSITION);
    }

    @Test
    void acknowledgementOfNothingIsFound() {
        run.subscribed(at("e", 0));
        run.checker.acknowledged(CHANNEL, 0, 1, at("e", 1));
        run.faulty(Kind.STRANGE);
    }

    @Test
    void reportIsNotTheEnd() {
        run.subscribed(at("e", 0)).published("e", 1, 2).got(1, 1);
        run.faulty(Kind.LOST);
        run.got(2, 2);
        run.clean();
    }

    @Test
    void listOfFaultsIsBounded() {
        run.subscribed(at("e", 0)).published("e", 1, 1).got(1, 1);
        for (int i = 0; i < 2 * DeliveryReport.MAX_FAULTS; i++) {
            run.got(1, 1);
        }

        DeliveryReport report = run.checker.report();
        assertThat(report.faultCount()).isEqualTo(2 * DeliveryReport.MAX_FAULTS);
        assertThat(report.faults()).hasSize(DeliveryReport.MAX_FAULTS);
    }

    @Test
    void numbersAreComplete() {
        run.checker.sent(CHANNEL, 0, 1);
        assertThatThrownBy(() -> run.checker.sent(CHANNEL, 0, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> run.checker.sent(CHANNEL, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> run.checker.sent(CHANNEL, -1, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
