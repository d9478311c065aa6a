package dev.starling.loadtest.check;

import static dev.starling.loadtest.check.Run.UNKEPT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.loadtest.check.DeliveryFault.Kind;
import org.junit.jupiter.api.Test;

/** Channels without history: losses are counted, and all else is a fault. */
class DeliveryCheckerUnkeptTests {

    private final Run run = new Run();

    @Test
    void whatIsMissingCanBeWaitedFor() {
        run.subscriber.subscribed(UNKEPT, null, null);
        run.publishedUnkept(1, 3).gotUnkept(1);
        assertThat(run.checker.missing()).isEqualTo(2);

        run.gotUnkept(2, 3);
        assertThat(run.checker.missing()).isZero();
    }

    @Test
    void completeRunLosesNothing() {
        subscribe();
        run.publishedUnkept(1, 3).gotUnkept(1, 2, 3);
        assertThat(run.clean().lostWithoutHistory()).isZero();
    }

    @Test
    void lossIsCountedWhereverItIs() {
        subscribe();
        run.publishedUnkept(1, 6).gotUnkept(2, 3, 5);
        assertThat(run.clean().lostWithoutHistory()).isEqualTo(3);
    }

    @Test
    void totalLossIsCounted() {
        subscribe();
        run.publishedUnkept(1, 6);
        assertThat(run.clean().lostWithoutHistory()).isEqualTo(6);
    }

    @Test
    void unknownOutcomeIsNoLoss() {
        subscribe();
        run.checker.sent(UNKEPT, 0, 1);
        assertThat(run.clean().lostWithoutHistory()).isZero();
    }

    @Test
    void onlyWhoIsThereLoses() {
        run.publishedUnkept(1, 2);
        subscribe();
        run.publishedUnkept(3, 4).gotUnkept(3);
        run.subscriber.disconnected();
        run.publishedUnkept(5, 6);
        subscribe();
        run.publishedUnkept(7, 8).gotUnkept(7);
        assertThat(run.clean().lostWithoutHistory()).isEqualTo(2);
    }

    @Test
    void repetitionIsFound() {
        subscribe();
        run.publishedUnkept(1, 2).gotUnkept(1, 2, 1);
        run.faulty(Kind.REPEATED);
    }

    @Test
    void wrongOrderIsFound() {
        subscribe();
        run.publishedUnkept(1, 2).gotUnkept(2, 1);
        run.faulty(Kind.OUT_OF_ORDER);
    }

    @Test
    void retryMayComeLateButOnce() {
        subscribe();
        run.publishedUnkept(1, 2).publishedUnkept(1, 1).gotUnkept(2, 1);
        run.clean();
        run.gotUnkept(1);
        run.faulty(Kind.REPEATED);
    }

    @Test
    void messageThatNobodySentIsFound() {
        subscribe();
        run.gotUnkept(1);
        run.faulty(Kind.STRANGE);
    }

    @Test
    void offsetIsFound() {
        subscribe();
        run.publishedUnkept(1, 1);
        run.subscriber.message(UNKEPT, 1, 0, 1);
        run.faulty(Kind.WRONG_POSITION);
    }

    @Test
    void gapIsFound() {
        subscribe();
        run.subscriber.gap(UNKEPT, 1, 2);
        run.faulty(Kind.WRONG_GAP);
    }

    @Test
    void subscribingTwiceChangesNothing() {
        subscribe();
        run.publishedUnkept(1, 2);
        subscribe();
        run.gotUnkept(2);
        assertThat(run.clean().lostWithoutHistory()).isEqualTo(1);
    }

    private void subscribe() {
        run.subscriber.subscribed(UNKEPT, null, null);
    }
}
