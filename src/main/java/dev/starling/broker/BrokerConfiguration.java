package dev.starling.broker;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Chooses the broker by {@code starling.broker.type}. */
@Configuration(proxyBeanMethods = false)
final class BrokerConfiguration {

    @Bean
    Broker broker(BrokerProperties properties) {
        return switch (properties.type()) {
            case MEMORY -> new InMemoryBroker(properties.queueCapacity());
        };
    }
}
