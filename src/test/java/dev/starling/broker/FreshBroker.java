package dev.starling.broker;

import dev.starling.protocol.ChannelPattern;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.springframework.util.unit.DataSize;

/** New brokers, for the tests and benchmarks of other rooms. */
public final class FreshBroker {

    private static final int CAPACITY = 1 << 16;

    private FreshBroker() {}

    /** One of a node that is alone, without history. */
    public static Broker inMemory() {
        return inMemory(CAPACITY, HistoryRules.NONE);
    }

    /** One of a node that is alone, and that keeps as many messages of each channel of a pattern. */
    public static Broker inMemory(String pattern, int historySize, Duration historyTtl) {
        return inMemory(CAPACITY, rules(pattern, historySize, historyTtl));
    }

    static InMemoryBroker inMemory(int capacity, HistoryRules rules) {
        return new InMemoryBroker(capacity, rules, properties(), new SimpleMeterRegistry());
    }

    static HistoryRules rules(String pattern, int historySize, Duration historyTtl) {
        return new HistoryRules(List.of(
                new HistoryRules.Rule(new ChannelPattern(pattern), new HistoryLimits(historySize, historyTtl))));
    }

    static InMemoryProperties properties() {
        return new InMemoryProperties(DataSize.ofMegabytes(128), 100_000, Duration.ofMinutes(5));
    }

    /** A store of who is present on one node. */
    public static PresenceStore presence() {
        return new InMemoryPresence();
    }
}
