package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.StreamPosition;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

final class RecentKeysTests {

    private static final ChannelName CHANNEL = new ChannelName("c");
    private static final int CAPACITY = 100;

    private final AtomicLong now = new AtomicLong();
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final RecentKeys keys = new RecentKeys(
            new InMemoryProperties(DataSize.ofMegabytes(1), CAPACITY, Duration.ofMinutes(5)),
            now::get,
            new InMemoryMetrics(registry));

    @Test
    void remembersWhatWasAnswered() {
        StreamPosition position = new StreamPosition("e", 1);
        keys.put(CHANNEL, "k", position);

        assertThat(keys.get(CHANNEL, "k"))
                .satisfies(answer -> assertThat(answer.position()).isEqualTo(position));
        assertThat(keys.get(new ChannelName("d"), "k")).isNull();
        assertThat(keys.get(CHANNEL, "K")).isNull();
    }

    @Test
    void forgetsAKeyWhenItsTimeIsOver() {
        keys.put(CHANNEL, "k", null);

        now.set(Duration.ofMinutes(5).toNanos() - 1);
        assertThat(keys.get(CHANNEL, "k")).isNotNull();

        now.set(Duration.ofMinutes(5).toNanos());
        assertThat(keys.get(CHANNEL, "k")).isNull();
    }

    @Test
    void forgetsTheOldestWhenThereAreTooMany() {
        for (int i = 0; i < CAPACITY; i++) {
            keys.put(CHANNEL, "k" + i, null);
        }
        assertThat(forgotten()).isZero();
        assertThat(keys.get(CHANNEL, "k0")).isNotNull();

        keys.put(CHANNEL, "one more", null);

        assertThat(keys.get(CHANNEL, "k0")).isNull();
        assertThat(keys.get(CHANNEL, "k1")).isNotNull();
        assertThat(keys.get(CHANNEL, "one more")).isNotNull();
        assertThat(forgotten()).isEqualTo(1);
    }

    private double forgotten() {
        return registry.get("ws.broker.keys.evicted").functionCounter().count();
    }
}
