package dev.starling.redis.link;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** What this node counts about its Redis. Thread-safe; the tags are closed lists: {@link RedisFault}, never an address. */
final class RedisMetrics {

    private static final Duration[] ROUND_TRIPS = Stream.of(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);
    private static final Duration[] RESUBSCRIPTIONS = Stream.of(10, 50, 100, 500, 1000, 3000, 10_000, 30_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final Map<RedisFault, LongAdder> losses = new EnumMap<>(RedisFault.class);
    private final Map<RedisFault, LongAdder> refusals = new EnumMap<>(RedisFault.class);
    private final Map<RedisFault, LongAdder> failures = new EnumMap<>(RedisFault.class);
    private final LongAdder connects = new LongAdder();
    private final Timer roundTrip;
    private final Timer resubscription;

    RedisMetrics(MeterRegistry registry) {
        this.registry = registry;
        FunctionCounter.builder("ws.broker.link.connects", connects, LongAdder::sum)
                .description("Connections for messages that were made; all but the first of each are reconnects")
                .register(registry);
        for (RedisFault fault : RedisFault.values()) {
            losses.put(fault, count("ws.broker.link.losses", "Connections for messages that were lost", fault));
            refusals.put(fault, count("ws.broker.link.refusals", "Attempts to connect that failed", fault));
            failures.put(fault, count("ws.broker.command.failures", "Commands that failed", fault));
        }
        roundTrip = timer("ws.broker.roundtrip", "From publishing a message of our own until it is back", ROUND_TRIPS);
        resubscription = timer(
                "ws.broker.resubscription", "From connecting until Redis confirmed all channels", RESUBSCRIPTIONS);
    }

    /** The gauges; to be called once. */
    void gauges(LongSupplier linksUp, LongSupplier linksDown, LongSupplier heard) {
        gauge("ws.broker.links", "Connections for messages", linksUp, "state", "up");
        gauge("ws.broker.links", "Connections for messages", linksDown, "state", "down");
        gauge("ws.broker.subscriptions", "Channels that this node hears in Redis", heard);
    }

    private void gauge(String name, String description, LongSupplier value, String... tags) {
        Gauge.builder(name, value::getAsLong)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private LongAdder count(String name, String description, RedisFault fault) {
        LongAdder adder = new LongAdder();
        FunctionCounter.builder(name, adder, LongAdder::sum)
                .description(description)
                .tags("reason", fault.text())
                .register(registry);
        return adder;
    }

    private Timer timer(String name, String description, Duration[] buckets) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(buckets)
                .register(registry);
    }

    private static void add(Map<RedisFault, LongAdder> adders, RedisFault fault) {
        Objects.requireNonNull(adders.get(fault)).increment(); // the constructor put one for each
    }

    void connected() {
        connects.increment();
    }

    void lost(RedisFault fault) {
        add(losses, fault);
    }

    void refused(RedisFault fault) {
        add(refusals, fault);
    }

    void commandFailed(RedisFault fault) {
        add(failures, fault);
    }

    void roundTrip(long nanos) {
        roundTrip.record(nanos, TimeUnit.NANOSECONDS);
    }

    void resubscribed(long nanos) {
        resubscription.record(nanos, TimeUnit.NANOSECONDS);
    }
}
