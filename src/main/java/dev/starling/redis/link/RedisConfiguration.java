package dev.starling.redis.link;

import dev.starling.broker.BrokerProperties;
import dev.starling.broker.ConditionalOnBroker;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** The connections to Redis, if it is what joins the nodes. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBroker(BrokerProperties.Type.REDIS)
final class RedisConfiguration {

    @Bean
    RedisMetrics redisMetrics(MeterRegistry registry) {
        return new RedisMetrics(registry);
    }

    @Bean
    RedisCondition redisCondition() {
        return new RedisCondition();
    }

    @Bean
    RedisClients redisClients(LettuceConnectionFactory factory, RedisProperties properties, Environment environment) {
        if (environment.containsProperty("spring.data.redis.masterreplica.nodes[0]")
                || environment.containsProperty("spring.data.redis.masterreplica.nodes")) {
            throw new IllegalArgumentException("spring.data.redis.masterreplica.nodes names no master to publish to:"
                    + " use spring.data.redis.host, .sentinel or .cluster");
        }
        return new RedisClients(factory, properties);
    }

    @Bean(initMethod = "open")
    CommandConnection commandConnection(
            RedisClients clients, RedisProperties properties, RedisCondition condition, RedisMetrics metrics) {
        return new CommandConnection(clients, properties, condition, metrics);
    }

    @Bean
    RedisKeys redisKeys(RedisProperties properties) {
        return new RedisKeys(properties.prefix());
    }

    @Bean
    InboxMetrics inboxMetrics(MeterRegistry registry) {
        return new InboxMetrics(registry);
    }

    @Bean
    RedisInbox redisInbox(InboxMetrics metrics) {
        return new RedisInbox(metrics);
    }

    /** The channels hear first, and hand on to the inbox what is none of theirs. */
    @Bean(initMethod = "open")
    RedisLinks redisLinks(
            RedisClients clients,
            CommandConnection connection,
            RedisProperties properties,
            RedisCondition condition,
            RedisMetrics metrics,
            @Qualifier("redisChannels") RedisSubscriptions.Listener listener) {
        return new RedisLinks(clients, connection, properties, condition, metrics, listener);
    }

    @Bean
    BrokerHealthIndicator brokerHealthIndicator(RedisCondition condition) {
        return new BrokerHealthIndicator(condition);
    }
}
