package dev.starling.broker;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Who is present is kept where the messages go: in memory, unless {@code starling.broker.type} names another place. */
@Configuration(proxyBeanMethods = false)
final class PresenceConfiguration {

    @Bean
    @ConditionalOnProperty(name = "starling.broker.type", havingValue = "memory", matchIfMissing = true)
    InMemoryPresence inMemoryPresence() {
        return new InMemoryPresence();
    }

    /** Ended before the connection, since it has a last word. */
    @Bean
    @ConditionalOnProperty(name = "starling.broker.type", havingValue = "redis")
    RedisPresence redisPresence(
            CommandConnection connection, RedisProperties redis, PresenceTimes times, MeterRegistry registry) {
        RedisMembers members = new RedisMembers(connection.commands(), new RedisKeys(redis.prefix()), times.ttl());
        return new RedisPresence(members, times.ttl(), new PresenceMetrics(registry));
    }
}
