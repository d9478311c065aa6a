package dev.starling.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

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
            assertThat(IntStream.range(0, 4).mapToLong(i -> rate.take(caller))).containsExactly(0L, 0L, 0L, 100L);
        }
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(rate.take("ann")).isZero();
        assertThat(rate.take("ann")).isPositive();
    }

    @Test
    void noRateIsNoLimit() {
        RequestRate rate = rate(0, 1);

        assertThat(IntStream.range(0, 1000).mapToLong(i -> rate.take("ann"))).containsOnly(0L);
    }

    @Test
    void whoIsRefusedIsCountedAndToldWhenToComeBack() {
        ApiProblems.Answer answer = rate(1, 1).refusal(2000);

        assertThat(answer.problem().status().value()).isEqualTo(429);
        assertThat(Integer.parseInt(String.valueOf(answer.retryAfter()))).isBetween(2, 3);
        assertThat(registry.get("ws.api.rate.limited").counter().count()).isEqualTo(1);
    }

    @Test
    void whoeverAsksTheTableStaysAsItIs() {
        RequestRate rate = rate(1, 1000);

        assertThat(IntStream.range(0, 100_000).mapToLong(i -> rate.take("user-" + i)))
                .containsOnly(0L);
    }
}
