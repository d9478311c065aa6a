package dev.starling.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.websocket.ClosedConnection;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RecentClosesTests {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void theNewestIsFirst() {
        RecentCloses closes = closed(3, 0, 1, 2);

        assertThat(newest(closes, 10)).containsExactly(2L, 1L, 0L);
        assertThat(closes.forgotten()).isZero();
        assertThat(remembered()).isEqualTo(3);
    }

    @Test
    void thereAreNoMoreThanItMayRemember() {
        RecentCloses closes = closed(3, 0, 1, 2, 3, 4, 5, 6);

        assertThat(newest(closes, 10)).containsExactly(6L, 5L, 4L);
        assertThat(closes.forgotten()).isEqualTo(4);
        assertThat(remembered()).isEqualTo(3);
    }

    @Test
    void onlyThoseThatAreWantedCountForTheLimit() {
        RecentCloses closes = closed(10, 0, 1, 2, 3, 4, 5, 6);

        assertThat(times(closes.find(closed -> closed.time() % 2 == 0, 2))).containsExactly(6L, 4L);
    }

    @Test
    void nothingIsRememberedWhereNothingMayBe() {
        RecentCloses closes = closed(0, 0, 1);

        assertThat(newest(closes, 10)).isEmpty();
        assertThat(closes.forgotten()).isEqualTo(2);
    }

    @Test
    void whoReadsWhileManyCloseSeesEachOnceAndInOrder() {
        RecentCloses closes = closed(64);
        Thread writer = new Thread(() -> IntStream.range(0, 200_000).forEach(time -> closes.closed(at(time))));
        writer.start();

        while (writer.isAlive()) {
            List<Long> times = newest(closes, 64);
            for (int i = 1; i < times.size(); i++) {
                assertThat(times.get(i)).isLessThan(times.get(i - 1));
            }
        }
        assertThat(newest(closes, 64)).hasSize(64).startsWith(199_999L);
    }

    private RecentCloses closed(int capacity, int... times) {
        RecentCloses closes = new RecentCloses(capacity, registry);
        IntStream.of(times).forEach(time -> closes.closed(at(time)));
        return closes;
    }

    private double remembered() {
        return registry.get("ws.closes.remembered").gauge().value();
    }

    private static List<Long> newest(RecentCloses closes, int limit) {
        return times(closes.find(closed -> true, limit));
    }

    private static List<Long> times(List<ClosedConnection> closes) {
        return closes.stream().map(ClosedConnection::time).toList();
    }

    private static ClosedConnection at(int time) {
        return new ClosedConnection(time, "c" + time, "node", "ann", "192.0.2.1", 1000, "", "client", 5, 0, null, 1, 2);
    }
}
