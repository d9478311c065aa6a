package dev.starling.broker;

import dev.starling.setting.ChannelRules;
import dev.starling.setting.TestRules;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.springframework.util.unit.DataSize;

/** New brokers, for the tests and benchmarks of other rooms. */
public final class FreshBroker {

    private static final int CAPACITY = 1 << 16;

    private FreshBroker() {}

    /** One of a node that is alone, without history. */
    public static Broker inMemory() {
        return inMemory(CAPACITY, TestRules.of());
    }

    /** One of a node that is alone, and that keeps as many messages of each channel of a pattern. */
    public static Broker inMemory(String pattern, int historySize, Duration historyTtl) {
        return inMemory(CAPACITY, rules(pattern, historySize, historyTtl));
    }

    static InMemoryBroker inMemory(int capacity, ChannelRules rules) {
        return new InMemoryBroker(capacity, rules, properties(), new SimpleMeterRegistry());
    }

    static ChannelRules rules(String pattern, int historySize, Duration historyTtl) {
        return TestRules.of(pattern + " history-size=" + historySize + " history-ttl=" + historyTtl);
    }

    static InMemoryProperties properties() {
        return new InMemoryProperties(DataSize.ofMegabytes(128), 100_000, Duration.ofMinutes(5));
    }

    /** A store of who is present on one node. */
    public static PresenceStore presence() {
        return new InMemoryPresence();
    }
}
