package dev.starling.broker;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What this node counts about the others and their questions. Thread-safe. */
public final class PeerMetrics {

    private final MeterRegistry registry;
    private final AtomicInteger nodes = new AtomicInteger();
    private final LongAdder complete;
    private final LongAdder partial;
    private final LongAdder refused;
    private final LongAdder answered;
    private final LongAdder busy;
    private final Map<PeerReply.Reason, LongAdder> missing = new EnumMap<>(PeerReply.Reason.class);

    public PeerMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("ws.peers.nodes", nodes, AtomicInteger::get)
                .description("Nodes that serve together, as far as this one knows; 0 if it knows nothing")
                .register(registry);
        complete = questions("complete");
        partial = questions("partial");
        refused = questions("refused");
        answered = answers("answered");
        busy = answers("busy");
        for (PeerReply.Reason reason : PeerReply.Reason.values()) {
            missing.put(reason, answers(reason.text()));
        }
    }

    private LongAdder questions(String outcome) {
        return count("ws.peers.questions", "Questions to all nodes: all answered, not all, or not asked", outcome);
    }

    private LongAdder answers(String outcome) {
        return count("ws.peers.answers", "Questions to this node, by what was answered", outcome);
    }

    private LongAdder count(String name, String description, String outcome) {
        LongAdder adder = new LongAdder();
        FunctionCounter.builder(name, adder, LongAdder::sum)
                .description(description)
                .tags("outcome", outcome)
                .register(registry);
        return adder;
    }

    /** How many nodes there are. */
    public void nodes(int count) {
        nodes.set(count);
    }

    void asked(boolean isPartial) {
        (isPartial ? partial : complete).increment();
    }

    void refused() {
        refused.increment();
    }

    void answered(PeerReply reply) {
        (reply instanceof PeerReply.Missing none ? Objects.requireNonNull(missing.get(none.reason())) : answered)
                .increment();
    }

    void busy() {
        busy.increment();
    }
}
