package dev.starling.redis;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;

/** What the presence of this node counts. Thread-safe. */
final class PresenceMetrics {

    private final MeterRegistry registry;
    private final LongAdder members = new LongAdder();
    private final LongAdder expired = new LongAdder();
    private final LongAdder failedWrites;
    private final LongAdder failedReads;

    PresenceMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("ws.presence.members", members, LongAdder::sum)
                .description("Connections of this node that are present, once per channel")
                .register(registry);
        FunctionCounter.builder("ws.presence.expired", expired, LongAdder::sum)
                .description("Members of nodes that died that this node took out")
                .register(registry);
        failedWrites = failures("write");
        failedReads = failures("read");
    }

    private LongAdder failures(String operation) {
        LongAdder adder = new LongAdder();
        FunctionCounter.builder("ws.presence.failures", adder, LongAdder::sum)
                .description("Calls of Redis that failed; what was not written is written with the next refresh")
                .tags("operation", operation)
                .register(registry);
        return adder;
    }

    void members(int more) {
        members.add(more);
    }

    void expired(int count) {
        expired.add(count);
    }

    void writeFailed() {
        failedWrites.increment();
    }

    void readFailed() {
        failedReads.increment();
    }
}
