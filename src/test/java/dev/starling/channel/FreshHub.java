package dev.starling.channel;

import dev.starling.broker.Broker;
import dev.starling.broker.FreshBroker;
import dev.starling.setting.TestRules;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.springframework.util.unit.DataSize;

/** New hubs, for tests and benchmarks. */
public final class FreshHub {

    static final ChannelProperties LIMITS = new ChannelProperties(65_536, DataSize.ofMegabytes(128));

    static final RecoveryProperties RECOVERY = new RecoveryProperties(1000, DataSize.ofMegabytes(16));

    private FreshHub() {}

    /** One with a broker of its own and the default limits. */
    public static ChannelHub inMemory() {
        return of(FreshBroker.inMemory(), LIMITS, new SimpleMeterRegistry());
    }

    /** The past of a broker that nobody else has. */
    public static ChannelHistory history() {
        return new ChannelHistory(FreshBroker.inMemory());
    }

    static ChannelHub of(Broker broker, ChannelProperties limits, MeterRegistry registry) {
        return new ChannelHub(broker, limits, RECOVERY, TestRules.of(), registry);
    }
}
