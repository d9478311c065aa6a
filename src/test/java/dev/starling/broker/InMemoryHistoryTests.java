package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import dev.starling.setting.HistoryLimits;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class InMemoryHistoryTests {

    private static final HistoryLimits LIMITS = new HistoryLimits(1_000, Duration.ofMinutes(5));
    private static final int MAX_BYTES = 100_000;
    private static final int MESSAGE_BYTES = 1_000;

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000); // so that it overflows, as nanoTime may
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final InMemoryHistory history = new InMemoryHistory(MAX_BYTES, now::get, new InMemoryMetrics(registry));

    @Test
    void theChannelThatWasUsedLeastRecentlyLosesItsOldestMessagesFirst() {
        StreamPosition a = fill("a", 40);
        StreamPosition b = fill("b", 40);
        assertThat(evicted()).isZero();

        StreamPosition c = fill("c", 40);

        assertThat(history.bytes()).isLessThanOrEqualTo(MAX_BYTES);
        HistoryPage left = read("a");
        assertThat(left.top()).isEqualTo(a);
        assertThat(left.publications()).hasSizeBetween(1, 20);
        assertThat(firstOffset(left)).isEqualTo(40 - left.publications().size() + 1L);
        assertThat(read("b")).satisfies(page -> assertThat(page.publications()).hasSize(40));
        assertThat(read("c").top()).isEqualTo(c);
        assertThat(b.epoch()).isNotEqualTo(c.epoch());
        assertThat(evicted()).isEqualTo(40.0 - left.publications().size());
    }

    @Test
    void readingAChannelIsUsingIt() {
        fill("a", 40);
        fill("b", 40);
        read("a");

        fill("c", 40);

        assertThat(read("a").publications()).hasSize(40);
        assertThat(read("b").publications()).hasSizeLessThan(20);
    }

    @Test
    void aChannelThatLostAllItsMessagesBeginsANewEpoch() {
        StreamPosition old = fill("a", 10);

        fill("b", 100);

        assertThat(history.channels()).isEqualTo(1);
        StreamPosition fresh = fill("a", 1);
        assertThat(fresh.offset()).isEqualTo(1);
        assertThat(fresh.epoch()).isNotEqualTo(old.epoch());
    }

    @Test
    void aPinnedChannelKeepsItsEpochWhateverItLoses() {
        StreamPosition position = fill("a", 10);
        assertThat(history.pin(channel("a"), LIMITS)).isEqualTo(position);

        fill("b", 100);

        assertThat(read("a").publications()).isEmpty();
        assertThat(fill("a", 1)).isEqualTo(new StreamPosition(position.epoch(), 11));
    }

    @Test
    void aChannelThatIsPinnedNoLongerCanBeForgotten() {
        StreamPosition position = history.pin(channel("a"), LIMITS);
        fill("b", 100);
        assertThat(read("a").top()).isEqualTo(position);

        history.unpin(channel("a"));
        fill("b", 100);
        fill("c", 100);

        assertThat(history.channels()).isEqualTo(1);
        assertThat(read("a").top().epoch()).isNotEqualTo(position.epoch());
    }

    @Test
    void channelsWithoutMessagesAreBoundedToo() {
        for (int i = 0; i < 10_000; i++) {
            read("empty:" + i);
            fill("b", 1);
        }

        assertThat(history.bytes()).isLessThanOrEqualTo(MAX_BYTES);
        assertThat(history.channels()).isLessThan(MAX_BYTES / 400);
    }

    @Test
    void oneChannelAloneKeepsItsNewestMessagesWithinTheLimit() {
        fill("a", 1_000);

        HistoryPage page = read("a");

        assertThat(page.publications()).hasSizeGreaterThan(80);
        assertThat(page.top().offset()).isEqualTo(1_000);
        assertThat(firstOffset(page)).isEqualTo(1_000 - page.publications().size() + 1L);
    }

    @Test
    void whatExpiresGivesItsBytesBack() {
        StreamPosition top = fill("a", 50);
        long before = history.bytes();
        now.addAndGet(LIMITS.timeToLive().toNanos() - 1);
        assertThat(read("a").publications()).hasSize(50);

        now.addAndGet(1);

        assertThat(read("a").publications()).isEmpty();
        assertThat(read("a").top()).isEqualTo(top);
        assertThat(history.bytes()).isLessThanOrEqualTo(before - 50 * MESSAGE_BYTES);
        assertThat(evicted()).isZero();
    }

    @Test
    void theTimeCountsFromTheNewestMessage() {
        fill("a", 1);
        now.addAndGet(LIMITS.timeToLive().toNanos() / 2 + 1);
        fill("a", 1);
        now.addAndGet(LIMITS.timeToLive().toNanos() / 2 + 1);

        assertThat(read("a").publications()).hasSize(2);
    }

    @Test
    void bytesAreBackWhenAllIsGone() {
        fill("a", 10);
        long empty = history.bytes() - 10L * (MESSAGE_BYTES + 88);

        now.addAndGet(LIMITS.timeToLive().toNanos());
        read("a");

        assertThat(history.bytes()).isEqualTo(empty);
    }

    private StreamPosition fill(String name, int messages) {
        Publication publication = null;
        for (int i = 0; i < messages; i++) {
            publication = history.next(channel(name), LIMITS, new byte[MESSAGE_BYTES]);
            history.add(publication, LIMITS);
        }
        return Objects.requireNonNull(Objects.requireNonNull(publication).position());
    }

    private HistoryPage read(String name) {
        return history.read(channel(name), LIMITS, null, Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    private static long firstOffset(HistoryPage page) {
        return Objects.requireNonNull(page.publications().get(0).position()).offset();
    }

    private double evicted() {
        return registry.get("ws.broker.history.evicted").functionCounter().count();
    }

    private static ChannelName channel(String name) {
        return new ChannelName(name);
    }
}
