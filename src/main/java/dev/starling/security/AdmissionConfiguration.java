package dev.starling.security;

import dev.starling.setting.ChannelRules;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Who may connect from where and how often, and what of the channels they may use. */
@Configuration(proxyBeanMethods = false)
final class AdmissionConfiguration {

    @Bean
    UpgradeRefusals upgradeRefusals(MeterRegistry registry) {
        return new UpgradeRefusals(registry);
    }

    @Bean
    OriginPolicy originPolicy(SecurityProperties properties, UpgradeRefusals refusals, Environment environment) {
        boolean development = KeySource.of(environment) == KeySource.DEVELOPMENT;
        return new OriginPolicy(properties.allowedOrigins(), development, refusals);
    }

    @Bean
    CorsPolicy corsPolicy(OriginPolicy origins, UpgradeRefusals refusals) {
        return new CorsPolicy(origins, refusals);
    }

    @Bean
    ClientAddressResolver clientAddressResolver(SecurityProperties properties) {
        return new ClientAddressResolver(properties.trustedProxies());
    }

    @Bean
    HttpLimits httpLimits(LimitsProperties properties, ClientAddressResolver addresses) {
        return new HttpLimits(properties, addresses);
    }

    @Bean
    ConnectionLimits connectionLimits(LimitsProperties properties, MeterRegistry registry) {
        ConnectionLimits limits = new ConnectionLimits(properties);
        Gauge.builder("ws.connections.addresses", limits, ConnectionLimits::addresses)
                .description("Addresses (of IPv6: /64 networks) with a connection")
                .register(registry);
        Gauge.builder("ws.connections.users", limits, ConnectionLimits::users)
                .description("Users with a connection")
                .register(registry);
        return limits;
    }

    @Bean
    ChannelPermissions channelPermissions(ChannelRules rules) {
        return new ChannelPermissions(rules);
    }

    @Bean
    NettyServerCustomizer queryTokenCustomizer() {
        QueryTokenHandler handler = new QueryTokenHandler();
        return server -> server.doOnChannelInit((observer, channel, remote) -> handler.addTo(channel.pipeline()));
    }
}
