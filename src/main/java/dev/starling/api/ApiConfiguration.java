package dev.starling.api;

import dev.starling.channel.PresenceProperties;
import dev.starling.channel.RecoveryProperties;
import dev.starling.security.LimitsProperties;
import dev.starling.websocket.WebSocketProperties;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Puts together what is served by plain HTTP. */
@Configuration(proxyBeanMethods = false)
final class ApiConfiguration {

    @Bean
    RouterFunction<ServerResponse> pages(ApplicationContext context, ApiProperties properties) {
        return new PageRoutes(
                        context, StaticPages.load(context), properties.console().enabled())
                .routes();
    }

    @Bean
    RecentCloses recentCloses(ApiProperties properties, MeterRegistry registry) {
        return new RecentCloses(properties.api().recentCloses(), registry);
    }

    @Bean
    FigureReader figureReader(MeterRegistry registry) {
        return new FigureReader(registry);
    }

    @Bean
    ReadinessMeter readinessMeter(HealthEndpoint health) {
        return new ReadinessMeter(health);
    }

    @Bean
    NodeLimits nodeLimits(
            LimitsProperties limits,
            WebSocketProperties edge,
            RecoveryProperties recovery,
            PresenceProperties presence) {
        return NodeLimits.of(limits, edge, recovery, presence);
    }
}
