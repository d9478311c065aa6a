package dev.starling.redis.link;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;

/** What of all that nodes say to each other through Redis was of no use. Thread-safe. */
public final class InboxMetrics {

    private final MeterRegistry registry;
    private final LongAdder dropped;
    private final LongAdder foreign;
    private final LongAdder newer;
    private final LongAdder late;

    InboxMetrics(MeterRegistry registry) {
        this.registry = registry;
        dropped = count("full");
        foreign = count("foreign");
        newer = count("newer");
        late = count("late");
    }

    private LongAdder count(String reason) {
        LongAdder adder = new LongAdder();
        FunctionCounter.builder("ws.peers.dropped", adder, LongAdder::sum)
                .description("Messages from other nodes that were dropped: too many, not readable, or after their time")
                .tags("reason", reason)
                .register(registry);
        return adder;
    }

    /** There was no room for one. */
    void full() {
        dropped.increment();
    }

    /** One is no envelope of this version. */
    void unreadable(UnreadableEnvelopeException failure) {
        (failure.isNewer() ? newer : foreign).increment();
    }

    /** An answer came for which nobody waits any more. */
    public void late() {
        late.increment();
    }
}
