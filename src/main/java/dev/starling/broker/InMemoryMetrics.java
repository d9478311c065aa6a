package dev.starling.broker;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the broker of a node that is alone counts. Thread-safe. */
final class InMemoryMetrics {

    private static final Logger log = LoggerFactory.getLogger(InMemoryMetrics.class);

    private final MeterRegistry registry;
    private final LongAdder refusals = new LongAdder();
    private final LongAdder evictions = new LongAdder();
    private final LongAdder forgottenKeys = new LongAdder();
    private boolean full;

    InMemoryMetrics(MeterRegistry registry) {
        this.registry = registry;
        count("ws.broker.queue.full", refusals, "Messages refused because the broker's queue was full");
        count("ws.broker.history.evicted", evictions, "Messages of histories dropped early, for want of room");
        count("ws.broker.keys.evicted", forgottenKeys, "Idempotency keys forgotten early, for want of room");
    }

    private void count(String name, LongAdder adder, String description) {
        FunctionCounter.builder(name, adder, LongAdder::sum)
                .description(description)
                .register(registry);
    }

    void gauges(
            InMemoryBroker broker, ToDoubleFunction<InMemoryBroker> bytes, ToDoubleFunction<InMemoryBroker> channels) {
        Gauge.builder("ws.broker.history.bytes", broker, bytes)
                .description("What the histories of all channels take, nearly")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("ws.broker.history.channels", broker, channels)
                .description("Channels that have a history, be it empty")
                .register(registry);
    }

    void refused() {
        refusals.increment();
    }

    /** One message of a history; said once, since it stays so. Called under the broker's lock. */
    void evicted() {
        evictions.increment();
        if (!full) {
            full = true;
            log.atWarn()
                    .addKeyValue("property", "starling.broker.memory.history-bytes")
                    .log("broker.history_full");
        }
    }

    void forgotKey() {
        forgottenKeys.increment();
    }
}
