package dev.starling.loadtest.check;

import static dev.starling.loadtest.check.Run.CHANNEL;
import static dev.starling.loadtest.check.Run.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.loadtest.check.DeliveryFault.Kind;
import org.junit.jupiter.api.Test;

/** Channels with history whose subscribers come again: gaps, recoveries and restarts account for what they missed, or are faults. */
class DeliveryCheckerRecoveryTests {

    private final Run run = new Run();

    @Test
    void gapAccountsForWhatIsMissing() {
        run.subscribed(at("e", 0)).published("e", 1, 9).got(1, 3);
        run.subscriber.gap(CHANNEL, 4, 7);
        run.got(8, 9);
        assertThat(run.clean().toldLost()).isEqualTo(4);
    }

    @Test
    void gapThatTellsTooLittleIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 9).got(1, 3);
        run.subscriber.gap(CHANNEL, 5, 7);
        run.got(9, 9);
        run.faulty(Kind.LOST, Kind.LOST);
    }

    @Test
    void gapOverWhatWasDeliveredIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 4).got(1, 3);
        run.subscriber.gap(CHANNEL, 3, 3);
        run.got(4, 4);
        run.faulty(Kind.WRONG_GAP);
    }

    @Test
    void gapThatEndsBeforeItBeginsIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 1);
        run.subscriber.gap(CHANNEL, 1, 0);
        run.got(1, 1);
        run.faulty(Kind.WRONG_GAP);
    }

    @Test
    void recoveryGoesOn() {
        run.subscribed(at("e", 0)).published("e", 1, 2).got(1, 2);
        run.subscriber.disconnected();
        run.published("e", 3, 5);
        assertThat(run.checker.outstanding()).isZero();
        assertThat(run.subscriber.position(CHANNEL)).isEqualTo(at("e", 2));

        run.subscriber.subscribed(CHANNEL, at("e", 2), true);
        assertThat(run.checker.outstanding()).isEqualTo(3);
        run.got(3, 5);
        assertThat(run.clean().recoveries()).isEqualTo(1);
    }

    @Test
    void recoveryOfAPartIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 2).got(1, 2);
        run.subscriber.disconnected();
        run.published("e", 3, 6);
        run.subscriber.subscribed(CHANNEL, at("e", 2), true);
        run.got(5, 6);
        run.faulty(Kind.LOST);
    }

    @Test
    void recoveryElsewhereIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 4).got(1, 2);
        run.subscriber.disconnected();
        run.subscriber.subscribed(CHANNEL, at("e", 3), true);
        run.got(4, 4);
        run.faulty(Kind.WRONG_RECOVERY);
    }

    @Test
    void recoveryIntoAnotherHistoryIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 2).got(1, 2);
        run.subscriber.disconnected();
        run.subscriber.subscribed(CHANNEL, at("f", 2), true);
        run.faulty(Kind.WRONG_RECOVERY);
    }

    @Test
    void anEpochThatGoesOnLosesNothing() {
        run.subscribed(at("e.1", 0)).published("e.1", 1, 3).got(1, 3);
        run.subscriber.subscribed(CHANNEL, at("e.2", 3), true);
        run.published(4, at("e.2", 4)).got(4, 4);

        DeliveryReport report = run.clean();
        assertThat(report.restarts()).isZero();
        assertThat(report.recoveries()).isZero();
        assertThat(report.toldLost()).isZero();
    }

    @Test
    void anEpochThatGoesOnElsewhereIsFound() {
        run.subscribed(at("e.1", 0)).published("e.1", 1, 3).got(1, 3);
        run.subscriber.subscribed(CHANNEL, at("e.2", 2), true);
        run.faulty(Kind.WRONG_RECOVERY);
    }

    @Test
    void anEpochThatIsSaidToGoOnAndHasOtherMessagesIsFound() {
        run.subscribed(at("e.1", 0)).published("e.1", 1, 3).got(1, 3);
        run.published(4, at("e.2", 3));
        run.subscriber.subscribed(CHANNEL, at("e.2", 3), true);
        run.faulty(Kind.ALTERED);
    }

    @Test
    void anEpochTwoFurtherOnThatHasOtherMessagesIsFound() {
        run.subscribed(at("e.1", 0)).published("e.1", 1, 3).got(1, 3);
        run.subscriber.subscribed(CHANNEL, at("e.2", 3), true);
        run.published(4, at("e.3", 3));
        run.subscriber.subscribed(CHANNEL, at("e.3", 3), true);
        run.faulty(Kind.ALTERED);
    }

    @Test
    void recoveryOfNothingIsFound() {
        run.subscriber.subscribed(CHANNEL, at("e", 0), true);
        run.faulty(Kind.WRONG_RECOVERY);
    }

    @Test
    void refusedRecoveryTellsTheLoss() {
        run.subscribed(at("e", 0)).published("e", 1, 2).got(1, 2);
        run.subscriber.disconnected();
        run.published("e", 3, 9);
        run.subscriber.subscribed(CHANNEL, at("e", 8), false);
        run.got(9, 9);

        DeliveryReport report = run.clean();
        assertThat(report.refusals()).isEqualTo(1);
        assertThat(report.restarts()).isZero();
        assertThat(report.toldLost()).isEqualTo(6);
    }

    @Test
    void refusalThatGoesBackIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 3).got(1, 3);
        run.subscriber.subscribed(CHANNEL, at("e", 2), false);
        run.got(3, 3);
        run.faulty(Kind.WRONG_RECOVERY);
    }

    @Test
    void restartTellsTheLoss() {
        run.subscribed(at("e", 0)).published("e", 1, 5).got(1, 3);
        run.published(6, at("f", 1)).published(7, at("f", 2));
        run.subscriber.subscribed(CHANNEL, at("f", 1), false);
        run.subscriber.message(CHANNEL, 2, 0, 7);

        DeliveryReport report = run.clean();
        assertThat(report.restarts()).isEqualTo(1);
        assertThat(report.toldLost()).isEqualTo(3);
    }

    @Test
    void restartThatIsNotToldIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 3).got(1, 3);
        run.published(4, at("f", 1));
        assertThat(run.checker.outstanding()).isEqualTo(1);
        run.faulty(Kind.UNTOLD_RESTART);
    }

    @Test
    void positionsThatAFailoverGaveAwayAgainAreCountedOnceTheRestartIsTold() {
        run.subscribed(at("e", 0)).published("e", 1, 3).got(1, 3);
        run.published(4, at("e", 3));
        run.faulty(Kind.ALTERED);

        run.subscriber.subscribed(CHANNEL, at("f", 0), false);
        run.published(5, at("f", 1));
        run.subscriber.message(CHANNEL, 1, 0, 5);
        assertThat(run.clean().rewritten()).isEqualTo(1);
    }

    @Test
    void comingBackElsewhereWithoutAWordOfItIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 3).got(1, 3);
        run.subscriber.disconnected();
        run.published("e", 4, 9).subscribed(at("e", 9));
        run.faulty(Kind.WRONG_RECOVERY);
    }

    @Test
    void comingBackInAnotherHistoryWithoutAWordOfItIsFound() {
        run.subscribed(at("e", 0)).published("e", 1, 3).got(1, 3);
        run.subscriber.disconnected();
        run.subscribed(at("f", 0));
        run.faulty(Kind.WRONG_RECOVERY);
    }

    @Test
    void newSubscriptionIsOwedNothingOfThePast() {
        run.subscribed(at("e", 0)).published("e", 1, 2).got(1, 2);
        run.subscriber.disconnected();
        run.subscriber.unsubscribed(CHANNEL);
        run.published("e", 3, 5).subscribed(at("e", 5)).published("e", 6, 6).got(6, 6);
        run.clean();
    }

    @Test
    void subscribingTwiceChangesNothing() {
        run.subscribed(at("e", 0))
                .published("e", 1, 2)
                .got(1, 1)
                .subscribed(at("e", 2))
                .got(2, 2);
        run.clean();
    }

    @Test
    void lossBehindASecondSubscribeIsFound() {
        run.subscribed(at("e", 0))
                .published("e", 1, 3)
                .got(1, 1)
                .subscribed(at("e", 2))
                .got(3, 3);
        run.faulty(Kind.LOST);
    }
}
