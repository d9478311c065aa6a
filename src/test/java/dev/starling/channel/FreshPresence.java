package dev.starling.channel;

import dev.starling.broker.Broker;
import dev.starling.broker.FreshBroker;
import dev.starling.broker.PresenceStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;

/** New presences, for tests and benchmarks. */
public final class FreshPresence {

    private FreshPresence() {}

    /** One of a node that is alone, in the channels of a pattern. */
    public static Presence keptIn(String pattern) {
        return of(
                FreshBroker.presence(),
                FreshBroker.inMemory(),
                new SimpleMeterRegistry(),
                List.of(new PresenceProperties.PresenceRule(pattern, true, false)));
    }

    static Presence of(
            PresenceStore store, Broker broker, MeterRegistry registry, List<PresenceProperties.PresenceRule> rules) {
        return new Presence(
                store, broker, new PresenceProperties(rules, new PresenceProperties.Limits(1000, 100)), registry);
    }
}
