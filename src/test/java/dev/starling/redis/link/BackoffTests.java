package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class BackoffTests {

    @Test
    void boundDoublesUpToASecondAndStaysThere() {
        Backoff longest = new Backoff(bound -> bound - 1);

        assertThat(LongStream.generate(longest::nextMillis).limit(8))
                .containsExactly(50L, 100L, 200L, 400L, 800L, 1000L, 1000L, 1000L);
        assertThat(LongStream.generate(longest::nextMillis).limit(1000)).containsOnly(1000L);
    }

    @Test
    void successBeginsItAnew() {
        Backoff longest = new Backoff(bound -> bound - 1);
        IntStream.range(0, 5).forEach(i -> longest.nextMillis());

        longest.reset();

        assertThat(longest.nextMillis()).isEqualTo(50);
    }

    @Test
    void waitsAreSpreadOverTheWholeRange() {
        Backoff backoff = new Backoff(new Random(1)::nextLong);
        IntStream.range(0, 5).forEach(i -> backoff.nextMillis());
        int[] tenths = new int[10];

        for (int i = 0; i < 10_000; i++) {
            tenths[(int) ((backoff.nextMillis() - 1) / 100)]++;
        }

        assertThat(Arrays.stream(tenths).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(850, 1150));
    }

    @Test
    void noWaitIsNone() {
        Backoff shortest = new Backoff(bound -> 0);

        assertThat(LongStream.generate(shortest::nextMillis).limit(20)).allMatch(wait -> wait == 1);
    }
}
