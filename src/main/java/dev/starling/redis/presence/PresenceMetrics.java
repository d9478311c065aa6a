package dev.starling.redis.presence;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;

/** What the presence of this node counts. Thread-safe. */
final class PresenceMetrics {

    private final MeterRegistry registry;
    private final LongAdder members = new LongAdder();
    private final LongAdder channels = new LongAdder();
    private final LongAdder expired = new LongAdder();
    private final LongAdder forgotten = new LongAdder();
    private final LongAdder failedWrites;
    private final LongAdder failedReads;

    PresenceMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("ws.presence.members", members, LongAdder::sum)
                .description("Connections of this node that are present, once per channel")
                .register(registry);
        Gauge.builder("ws.presence.channels", channels, LongAdder::sum)
                .description("Channels with members on this node, or whose last leaves Redis has still to be told of")
                .register(registry);
        FunctionCounter.builder("ws.presence.forgotten", forgotten, LongAdder::sum)
                .description("Members that left while Redis failed and were too many to remember; they expire")
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

    void channels(int more) {
        channels.add(more);
    }

    void forgotten(int count) {
        forgotten.add(count);
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
