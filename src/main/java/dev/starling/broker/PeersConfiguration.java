package dev.starling.broker;

import dev.starling.protocol.NodeName;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What a node says to others and takes from them, whatever joins them. */
@Configuration(proxyBeanMethods = false)
final class PeersConfiguration {

    @Bean
    PeerMetrics peerMetrics(MeterRegistry registry) {
        return new PeerMetrics(registry);
    }

    @Bean
    LocalAnswers localAnswers(NodeName name, PeerMetrics metrics) {
        return new LocalAnswers(
                new Peer(
                        name.value(),
                        new Epochs().next(),
                        InstantSource.system().millis()),
                metrics);
    }

    @Bean
    RefusalTable refusalTable(MeterRegistry registry) {
        RefusalTable table = new RefusalTable(InstantSource.system());
        Gauge.builder("ws.refusals", table, RefusalTable::size)
                .description("Users and tokens that are refused, some of which may be over")
                .register(registry);
        return table;
    }
}
