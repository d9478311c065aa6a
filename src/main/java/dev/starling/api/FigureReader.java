package dev.starling.api;

import dev.starling.api.Figures.Bucket;
import dev.starling.api.Figures.Histogram;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the figures of this node off its meters, in one walk over them; makes none. Thread-safe. */
final class FigureReader {

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final MeterRegistry registry;

    FigureReader(MeterRegistry registry) {
        this.registry = registry;
    }

    Figures read(String node) {
        Meters meters = new Meters(registry.getMeters().stream()
                .collect(Collectors.groupingBy(meter -> meter.getId().getName())));
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        return new Figures(
                node,
                System.currentTimeMillis(),
                meters.total("ws.connections.active"),
                meters.total("ws.subscriptions"),
                meters.total("ws.channels"),
                meters.total("ws.messages", "direction", "in"),
                meters.total("ws.messages", "direction", "out"),
                meters.total("ws.bytes", "direction", "in"),
                meters.total("ws.bytes", "direction", "out"),
                Objects.requireNonNull(meters.histogram("ws.fanout.duration"), "the hub has no meter"),
                meters.histogram("ws.broker.roundtrip"),
                meters.totals("ws.closes", "code"),
                meters.total("ws.slow.consumers"),
                meters.totals("ws.upgrade.refused", "reason"),
                meters.total("ws.outbound.pending"),
                heap.getUsed(),
                heap.getMax(),
                meters.total("process.cpu.time") / NANOS_PER_SECOND,
                Runtime.getRuntime().availableProcessors());
    }

    /** All meters, by their names. */
    private record Meters(Map<String, List<Meter>> byName) {

        private Stream<Meter> of(String name) {
            return byName.getOrDefault(name, List.of()).stream();
        }

        private long total(String name) {
            return of(name).mapToLong(Meters::value).sum();
        }

        private long total(String name, String tag, String value) {
            return of(name).filter(meter -> value.equals(meter.getId().getTag(tag)))
                    .mapToLong(Meters::value)
                    .sum();
        }

        private SortedMap<String, Long> totals(String name, String tag) {
            return of(name).collect(Collectors.toMap(
                    meter -> String.valueOf(meter.getId().getTag(tag)), Meters::value, Long::sum, TreeMap::new));
        }

        private static long value(Meter meter) {
            return (long) meter.measure().iterator().next().getValue();
        }

        private @Nullable Histogram histogram(String name) {
            return of(name).filter(Timer.class::isInstance)
                    .map(timer -> histogram(((Timer) timer).takeSnapshot()))
                    .findFirst()
                    .orElse(null);
        }

        private static Histogram histogram(HistogramSnapshot durations) {
            return new Histogram(
                    Arrays.stream(durations.histogramCounts())
                            .filter(bucket -> Double.isFinite(bucket.bucket()))
                            .map(bucket -> new Bucket(bucket.bucket(TimeUnit.SECONDS), (long) bucket.count()))
                            .toList(),
                    durations.count(),
                    durations.total(TimeUnit.SECONDS));
        }
    }
}
