package dev.starling.redis.presence;

import dev.starling.broker.BrokerProperties;
import dev.starling.broker.ConditionalOnBroker;
import dev.starling.broker.PresenceProperties;
import dev.starling.redis.link.CommandConnection;
import dev.starling.redis.link.RedisClients;
import dev.starling.redis.link.RedisKeys;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Who is present, if Redis joins the nodes. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBroker(BrokerProperties.Type.REDIS)
final class RedisPresenceConfiguration {

    /** Ended before the connection, since it has a last word. */
    @Bean
    RedisPresence presenceStore(
            CommandConnection connection,
            RedisClients clients,
            RedisKeys keys,
            PresenceProperties presence,
            MeterRegistry registry) {
        RedisMembers members = new RedisMembers(connection.commands(), keys, clients::owner, presence.ttl());
        return new RedisPresence(members, presence.ttl(), new PresenceMetrics(registry));
    }
}
