package dev.starling.broker;

import dev.starling.setting.ChannelRules;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The broker in memory, unless {@code starling.broker.type} names another one. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBroker(BrokerProperties.Type.MEMORY)
final class BrokerConfiguration {

    @Bean
    Broker broker(BrokerProperties properties, ChannelRules rules, InMemoryProperties memory, MeterRegistry registry) {
        return new InMemoryBroker(properties.queueCapacity(), rules, memory, registry);
    }

    @Bean
    InMemoryPresence presenceStore() {
        return new InMemoryPresence();
    }

    @Bean
    InMemoryPeers peers(LocalAnswers answers, NodesProperties properties, PeerMetrics metrics) {
        return new InMemoryPeers(answers, properties.maxAnswerBytes(), metrics);
    }

    @Bean
    InMemoryRevocations revocations(RefusalTable table, RevocationProperties properties) {
        return new InMemoryRevocations(table, properties.maxRefusals());
    }
}
