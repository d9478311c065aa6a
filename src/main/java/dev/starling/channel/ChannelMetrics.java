package dev.starling.channel;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/** What the channels of this node count. Thread-safe; the adders are resolved once. */
final class ChannelMetrics {

    /** The buckets that all durations of Starling have. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1)
    };

    private final MeterRegistry registry;
    private final LongAdder publishes = new LongAdder();
    private final LongAdder publishFailures = new LongAdder();
    private final LongAdder publications = new LongAdder();
    private final LongAdder deliveries = new LongAdder();
    private final LongAdder deliveredBytes = new LongAdder();
    private final LongAdder drops = new LongAdder();
    private final LongAdder recovered = new LongAdder();
    private final LongAdder unrecovered = new LongAdder();
    private final Timer fanout;

    ChannelMetrics(MeterRegistry registry) {
        this.registry = registry;
        count("ws.publishes", publishes, "Messages that clients of this node published");
        count("ws.publishes.failed", publishFailures, "Messages that the broker did not take");
        count("ws.publications", publications, "Messages that came from the broker");
        count("ws.deliveries", deliveries, "Messages handed to subscribers of this node");
        count("ws.fanout.dropped", drops, "Messages dropped for one event loop because its queue was full");
        recoveries("recovered", recovered);
        recoveries("unrecovered", unrecovered);
        fanout = Timer.builder("ws.fanout.duration")
                .description("From the broker's hand to the last write of an event loop's turn")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    void gauges(ChannelHub hub, ToDoubleFunction<ChannelHub> channels, ToDoubleFunction<ChannelHub> subscriptions) {
        Gauge.builder("ws.channels", hub, channels)
                .description("Channels with a subscriber on this node")
                .register(registry);
        Gauge.builder("ws.subscriptions", hub, subscriptions)
                .description("Subscriptions on this node")
                .register(registry);
    }

    private void count(String name, LongAdder adder, String description) {
        FunctionCounter.builder(name, adder, LongAdder::sum)
                .description(description)
                .register(registry);
    }

    private void recoveries(String outcome, LongAdder adder) {
        FunctionCounter.builder("ws.recoveries", adder, LongAdder::sum)
                .description("Subscribers that came back with a position")
                .tags("outcome", outcome)
                .register(registry);
    }

    void published() {
        publishes.increment();
    }

    void publishFailed() {
        publishFailures.increment();
    }

    void arrived() {
        publications.increment();
    }

    void delivered(long count, long bytes) {
        deliveries.add(count);
        deliveredBytes.add(bytes);
    }

    long deliveries() {
        return deliveries.sum();
    }

    long deliveredBytes() {
        return deliveredBytes.sum();
    }

    void dropped() {
        drops.increment();
    }

    void recovery(Recovered result) {
        (result.recovered() ? recovered : unrecovered).increment();
    }

    void fannedOut(long nanos) {
        fanout.record(nanos, TimeUnit.NANOSECONDS);
    }
}
