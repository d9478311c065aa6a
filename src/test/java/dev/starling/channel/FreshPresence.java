package dev.starling.channel;

import dev.starling.broker.Broker;
import dev.starling.broker.FreshBroker;
import dev.starling.broker.PresenceProperties;
import dev.starling.broker.PresenceStore;
import dev.starling.setting.ChannelRules;
import dev.starling.setting.TestRules;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;

/** New presences, for tests and benchmarks. */
public final class FreshPresence {

    private FreshPresence() {}

    /** One of a node that is alone, in the channels of a pattern. */
    public static Presence keptIn(String pattern) {
        return of(
                FreshBroker.presence(),
                FreshBroker.inMemory(),
                new SimpleMeterRegistry(),
                TestRules.of(pattern + " presence=true"));
    }

    static Presence of(PresenceStore store, Broker broker, MeterRegistry registry, ChannelRules rules) {
        return new Presence(store, broker, rules, new PresenceProperties(Duration.ofMinutes(1), 1000, 100), registry);
    }
}
