package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

final class DepartureTests {

    private static final long NOW = 1_000_000;
    private static final long WINDOW = 10_000;
    private static final long OVERLAP = 2_000;

    @RepeatedTest(50)
    void aClientIsToldAtHalfOfItsWaitAndClosedAfterTheOverlap() {
        Departure departure = Departure.within(NOW, WINDOW, OVERLAP);
        long wait = departure.reconnectAfter(NOW);
        assertThat(wait).isBetween(0L, WINDOW);
        assertThat(departure.closeBy(NOW)).isEqualTo(wait + OVERLAP);

        if (wait > 1) {
            assertThat(departure.tell(NOW + wait / 2 - 1)).isFalse();
        }
        assertThat(departure.tell(NOW + wait / 2)).isTrue();
        assertThat(departure.tell(NOW + wait)).as("told once").isFalse();
        assertThat(departure.isOver(NOW + wait + OVERLAP - 1)).isFalse();
        assertThat(departure.isOver(NOW + wait + OVERLAP)).isTrue();
    }

    @Test
    void nobodyIsClosedWhoWasNotTold() {
        Departure departure = Departure.within(NOW, WINDOW, OVERLAP);

        assertThat(departure.isOver(NOW + 10 * WINDOW)).isFalse();
        assertThat(departure.tell(NOW + 10 * WINDOW)).isTrue();
        assertThat(departure.isOver(NOW + 10 * WINDOW)).isTrue();
    }

    @Test
    void timesThatArePastAreZero() {
        Departure departure = Departure.within(NOW, WINDOW, OVERLAP);

        assertThat(departure.reconnectAfter(NOW + WINDOW + 1)).isZero();
        assertThat(departure.closeBy(NOW + WINDOW + OVERLAP + 1)).isZero();
    }

    @Test
    void withoutAWindowEveryoneIsToldAtOnce() {
        Departure departure = Departure.within(NOW, 0, OVERLAP);

        assertThat(departure.tell(NOW)).isTrue();
        assertThat(departure.reconnectAfter(NOW)).isZero();
        assertThat(departure.closeBy(NOW)).isEqualTo(OVERLAP);
    }

    @Test
    void allTogetherComeEvenly() {
        double[] tenths = new double[10];
        LongStream.range(0, 20_000)
                .map(i -> Departure.within(NOW, WINDOW, OVERLAP).reconnectAfter(NOW))
                .forEach(wait -> tenths[(int) Math.min(9, wait * 10 / WINDOW)]++);

        // 2,000 expected, 42 the standard deviation.
        assertThat(tenths).satisfies(counts -> {
            for (double count : counts) {
                assertThat(count).isCloseTo(2_000, within(400.0));
            }
        });
    }
}
