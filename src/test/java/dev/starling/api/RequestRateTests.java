package dev.starling.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestRateTests {

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1000);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private RequestRate rate(int perSecond, int burst) {
        return new RequestRate(perSecond, burst, registry, nanos::get);
    }

    @Test
    void eachCallerHasItsBurstAndThenItsRate() {
        RequestRate rate = rate(10, 3);

        for (String caller : new String[] {"ann", "bob"}) {
            assertThat(IntStream.range(0, 4).mapToLong(i -> rate.take(caller, 1)))
                    .containsExactly(0L, 0L, 0L, 100L);
        }
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(rate.take("ann", 1)).isZero();
        assertThat(rate.take("ann", 1)).isPositive();
    }

    @Test
    void noRateIsNoLimit() {
        RequestRate rate = rate(0, 1);

        assertThat(IntStream.range(0, 1000).mapToLong(i -> rate.take("ann", 1))).containsOnly(0L);
    }

    @Test
    void whoIsRefusedIsCountedAndToldWhenToComeBack() {
        RequestRate rate = rate(1, 1);
        assertThat(rate.take("ann", 1)).isZero();
        ApiProblems.Answer answer = ApiProblems.of(new RateLimitedException(rate.take("ann", 1)));

        assertThat(answer.problem().status().value()).isEqualTo(429);
        assertThat(Integer.parseInt(String.valueOf(answer.retryAfter()))).isBetween(1, 2);
        assertThat(registry.get("ws.api.rate.limited").counter().count()).isEqualTo(1);
    }

    @Test
    void whoeverAsksTheTableStaysAsItIs() {
        RequestRate rate = rate(1, 1000);

        assertThat(IntStream.range(0, 100_000).mapToLong(i -> rate.take("user-" + i, 1)))
                .containsOnly(0L);
    }

    @Test
    void messagesOfOneRequestCountEach() {
        RequestRate rate = rate(10, 5);

        assertThat(rate.take("ann", 4)).isZero();
        assertThat(rate.take("ann", 2)).isEqualTo(100);
        assertThat(rate.take("ann", 1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void batchLargerThanTheBucketPassesWhenItsRequestHasCounted(int burst) {
        RequestRate rate = rate(10, burst);

        rate.check("ann", 1);
        rate.checkRest("ann", 999);

        assertThat(rate.take("ann", 1)).isPositive();
    }

    @Test
    void moreThanTheBucketHoldsTakesAllOfIt() {
        RequestRate rate = rate(10, 5);

        assertThat(rate.take("ann", 100)).isZero();
        assertThat(rate.take("ann", 1)).isPositive();
        assertThat(rate.take("ann", 100)).isEqualTo(500);
    }

    @Test
    void noNameSharesABucketInEveryProcess() {
        long shared = IntStream.range(0, 64)
                .filter(i -> {
                    RequestRate process = rate(1, 1);
                    process.take("Aa".repeat(8), 1);
                    return process.take("BB".repeat(8), 1) > 0; // of equal hashCode
                })
                .count();
        assertThat(shared).isLessThan(3);
    }
}
