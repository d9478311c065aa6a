package dev.starling.loadtest.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.loadtest.check.RandomRun.Kind;
import dev.starling.loadtest.check.RandomRun.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Runs drawn by lot are clean, and one tampered step in any of them is found. */
class DeliveryCheckerRandomTests {

    private static final int RUNS = 300;
    private static final int LENGTH = 200;

    @Test
    void honestRunsAreClean() {
        long delivered = 0;
        long restarts = 0;
        for (int seed = 0; seed < RUNS; seed++) {
            DeliveryReport report = RandomRun.check(RandomRun.draw(seed, LENGTH));
            assertThat(report.faults()).as("seed " + seed).isEmpty();
            assertThat(report.rewritten()).isZero();
            delivered += report.delivered();
            restarts += report.restarts();
        }
        assertThat(delivered).isGreaterThan(100L * RUNS);
        assertThat(restarts).isGreaterThan(RUNS);
    }

    @Test
    void messageThatIsLeftOutIsFound() {
        tamper(Kind.MESSAGE, (steps, i) -> steps.remove((int) i));
    }

    @Test
    void messageThatComesTwiceIsFound() {
        tamper(Kind.MESSAGE, (steps, i) -> steps.add(i + 1, steps.get(i)));
    }

    @Test
    void messageThatComesLateIsFound() {
        tamper(Kind.MESSAGE, (steps, i) -> steps.add(next(steps, i), steps.remove((int) i)));
    }

    @Test
    void otherMessageIsFound() {
        tamper(Kind.MESSAGE, (steps, i) -> {
            Step step = steps.get(i);
            int other = step.sequence() == 1 ? 2 : step.sequence() - 1;
            steps.set(i, new Step(step.subscriber(), step.kind(), step.position(), false, other));
        });
    }

    @Test
    void gapThatIsNotToldIsFound() {
        tamper(Kind.GAP, (steps, i) -> steps.remove((int) i));
    }

    /** Tampers with one step that is followed by a message to the same subscriber: a loss before the end is told by that. */
    private static void tamper(Kind kind, BiConsumer<List<Step>, Integer> change) {
        int tampered = 0;
        for (int seed = 0; seed < RUNS; seed++) {
            List<Step> steps = new ArrayList<>(RandomRun.draw(seed, LENGTH));
            Predicate<Integer> fits = i -> steps.get(i).kind() == kind
                    && next(steps, i) < steps.size()
                    && steps.get(next(steps, i)).kind() == Kind.MESSAGE;
            List<Integer> candidates =
                    IntStream.range(0, steps.size()).boxed().filter(fits).toList();
            if (candidates.isEmpty()) {
                continue;
            }
            int chosen = candidates.get(new Random(seed).nextInt(candidates.size()));
            change.accept(steps, chosen);
            DeliveryReport report = RandomRun.check(steps);
            assertThat(report.faultCount() + report.rewritten())
                    .as("seed " + seed + ", step " + chosen)
                    .isPositive();
            tampered++;
        }
        assertThat(tampered).isGreaterThan(RUNS / 2);
    }

    /** The next step of the same subscriber; the number of steps if there is none. */
    private static int next(List<Step> steps, int index) {
        for (int i = index + 1; i < steps.size(); i++) {
            if (steps.get(i).subscriber() == steps.get(index).subscriber()) {
                return i;
            }
        }
        return steps.size();
    }
}
