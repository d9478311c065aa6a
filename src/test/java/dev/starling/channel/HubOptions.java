package dev.starling.channel;

import dev.starling.broker.Broker;
import dev.starling.broker.FreshBroker;
import dev.starling.setting.TestRules;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Makes hubs with channels that have options, for the tests of other rooms. */
public final class HubOptions {

    private final List<String> rules = new ArrayList<>();
    private Broker broker = FreshBroker.inMemory();

    /** The channels of a pattern keep as many messages. */
    public HubOptions history(String pattern, int size) {
        broker = FreshBroker.inMemory(pattern, size, Duration.ofMinutes(5));
        return this;
    }

    /** The hub has this broker. */
    public HubOptions on(Broker other) {
        broker = other;
        return this;
    }

    /** The channels of a pattern hold as many messages for a subscriber that does not read. */
    public HubOptions dropOldest(String pattern, int size) {
        rules.add(pattern + " overflow=drop-oldest overflow-size=" + size);
        return this;
    }

    /** The channels of a pattern hold one. */
    public HubOptions latestOnly(String pattern) {
        rules.add(pattern + " overflow=latest-only");
        return this;
    }

    /** The channels of a pattern keep presence. */
    public HubOptions presence(String pattern) {
        rules.add(pattern + " presence=true");
        return this;
    }

    /** The broker of the hub. */
    public Broker broker() {
        return broker;
    }

    /** The hub. */
    public ChannelHub hub() {
        return new ChannelHub(
                broker,
                FreshHub.LIMITS,
                FreshHub.RECOVERY,
                TestRules.of(rules.toArray(String[]::new)),
                new SimpleMeterRegistry());
    }
}
