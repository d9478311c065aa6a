package dev.starling.broker;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Chooses the broker by {@code starling.broker.type}. */
@Configuration(proxyBeanMethods = false)
final class BrokerConfiguration {

    @Bean
    Broker broker(
            BrokerProperties properties, HistoryProperties history, InMemoryProperties memory, MeterRegistry registry) {
        return switch (properties.type()) {
            case MEMORY -> new InMemoryBroker(properties.queueCapacity(), history.rules(), memory, registry);
        };
    }
}
