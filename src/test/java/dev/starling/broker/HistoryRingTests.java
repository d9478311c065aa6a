package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HistoryRingTests {

    private static final ChannelName CHANNEL = new ChannelName("c");

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 9, 100})
    void isAsAQueueWouldBe(int capacity) {
        Random random = new Random(capacity);
        HistoryRing ring = new HistoryRing(capacity);
        Deque<Long> oracle = new ArrayDeque<>();
        for (int i = 0; i < 2_000; i++) {
            switch (random.nextInt(10)) {
                case 0 -> clear(ring, oracle);
                case 1, 2 -> removeOldest(ring, oracle);
                default -> add(ring, oracle);
            }
            assertThat(offsets(ring.after(0, Integer.MAX_VALUE, Long.MAX_VALUE)))
                    .containsExactlyElementsOf(oracle);
            assertThat(ring.isEmpty()).isEqualTo(oracle.isEmpty());
            assertThat(ring.isFull()).isEqualTo(oracle.size() == capacity);
            assertReads(ring, oracle, random);
        }
    }

    private static void assertReads(HistoryRing ring, Deque<Long> oracle, Random random) {
        long since = random.nextLong(ring.top() + 3);
        int limit = random.nextInt(12);
        assertThat(offsets(ring.after(since, limit, Long.MAX_VALUE)))
                .isEqualTo(oracle.stream()
                        .filter(offset -> offset > since)
                        .limit(limit)
                        .toList());
    }

    private static void add(HistoryRing ring, Deque<Long> oracle) {
        if (ring.isFull()) {
            removeOldest(ring, oracle);
        }
        long offset = ring.top() + 1;
        ring.add(new Publication(CHANNEL, new byte[] {'1'}, new StreamPosition("e", offset)));
        oracle.add(offset);
        assertThat(ring.top()).isEqualTo(offset);
    }

    private static void removeOldest(HistoryRing ring, Deque<Long> oracle) {
        if (!ring.isEmpty()) {
            assertThat(offsets(List.of(ring.removeOldest()))).containsExactly(oracle.remove());
        }
    }

    private static void clear(HistoryRing ring, Deque<Long> oracle) {
        long top = ring.top();
        ring.clear();
        oracle.clear();
        assertThat(ring.top()).isEqualTo(top);
    }

    @Test
    void aNewOneIsEmpty() {
        HistoryRing ring = new HistoryRing(3);

        assertThat(ring.top()).isZero();
        assertThat(ring.after(0, 10, Long.MAX_VALUE)).isEmpty();
    }

    private static List<Long> offsets(List<Publication> publications) {
        return publications.stream()
                .map(publication ->
                        Objects.requireNonNull(publication.position()).offset())
                .toList();
    }
}
