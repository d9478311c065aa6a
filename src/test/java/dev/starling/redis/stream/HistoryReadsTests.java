package dev.starling.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

final class HistoryReadsTests {

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final List<String> started = new ArrayList<>();
    private final HistoryReads reads = new HistoryReads(2, Duration.ofMillis(250), clock);

    @AfterEach
    void stop() {
        clock.dispose();
    }

    @Test
    void noMoreThanSoManyRunAtATime() {
        begin("a", true);
        begin("b", true);
        begin("c", true);
        assertThat(started).containsExactly("a", "b");
        assertThat(reads.waiting()).isEqualTo(1);

        reads.done();

        assertThat(started).containsExactly("a", "b", "c");
        assertThat(reads.waiting()).isZero();
    }

    @Test
    void whoWaitsForASubscriptionComesFirst() {
        begin("a", true);
        begin("b", true);
        begin("repair", true);
        begin("subscription", false);

        reads.done();
        assertThat(started).endsWith("subscription");
        reads.done();
        assertThat(started).endsWith("repair");
    }

    @Test
    void afterAnOutageRepairsWaitForAWhileAndSubscriptionsDoNot() {
        clock.advanceTimeBy(Duration.ofSeconds(10));
        reads.holdOff();
        begin("repair", true);
        begin("subscription", false);
        assertThat(started).containsExactly("subscription");

        clock.advanceTimeBy(Duration.ofMillis(250));

        assertThat(started).containsExactly("subscription", "repair");
    }

    @Test
    void allChannelsOfAnOutageWaitOnce() {
        reads.holdOff();
        clock.advanceTimeBy(Duration.ofMillis(250));
        begin("a", true);
        reads.holdOff();
        begin("b", true);

        assertThat(started).containsExactly("a", "b");
    }

    private void begin(String name, boolean isRepair) {
        reads.begin(() -> started.add(name), isRepair);
    }
}
