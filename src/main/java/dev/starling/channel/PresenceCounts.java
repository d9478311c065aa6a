package dev.starling.channel;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;

/** What becomes of the changes that are to be told. Thread-safe. */
final class PresenceCounts {

    private final LongAdder told = new LongAdder();
    private final LongAdder tooMany = new LongAdder();
    private final LongAdder refused = new LongAdder();

    PresenceCounts(MeterRegistry registry) {
        FunctionCounter.builder("ws.presence.changes", told, LongAdder::sum)
                .description("Joins and leaves that this node told all nodes")
                .register(registry);
        dropped(registry, "rate", tooMany);
        dropped(registry, "broker", refused);
    }

    private static void dropped(MeterRegistry registry, String reason, LongAdder adder) {
        FunctionCounter.builder("ws.presence.changes.dropped", adder, LongAdder::sum)
                .description(
                        "Joins and leaves that nobody was told: too many in a second, or the broker did not take them")
                .tags("reason", reason)
                .register(registry);
    }

    void told() {
        told.increment();
    }

    void tooMany() {
        tooMany.increment();
    }

    void refused() {
        refused.increment();
    }
}
