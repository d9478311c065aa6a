package dev.starling.api;

import dev.starling.broker.Peers;
import dev.starling.broker.PresenceProperties;
import dev.starling.broker.Revocations;
import dev.starling.channel.ChannelHub;
import dev.starling.channel.RecoveryProperties;
import dev.starling.protocol.FrameCodec;
import dev.starling.security.ApiDoor;
import dev.starling.security.LimitsProperties;
import dev.starling.security.TokenVerifier;
import dev.starling.websocket.NodeStatus;
import dev.starling.websocket.OpenConnections;
import dev.starling.websocket.WebSocketProperties;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.http.codec.CodecCustomizer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** Puts together what is served by plain HTTP. */
@Configuration(proxyBeanMethods = false)
final class ApiConfiguration {

    @Bean
    RouterFunction<ServerResponse> pages(ApplicationContext context, ApiProperties properties) {
        return new PageRoutes(
                        context, StaticPages.load(context), properties.console().enabled())
                .routes();
    }

    /** After Boot's own, which would set another encoder. */
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    CodecCustomizer lineFeeds(JsonMapper json) {
        return codecs -> codecs.defaultCodecs().jacksonJsonEncoder(new LineJsonEncoder(json));
    }

    @Bean
    RecentCloses recentCloses(ApiProperties properties, MeterRegistry registry) {
        return new RecentCloses(properties.api().recentCloses(), registry);
    }

    @Bean
    NodeDescriber nodeDescriber(
            NodeStatus status,
            NodeLimits limits,
            MeterRegistry registry,
            HealthEndpoint health,
            WebSocketProperties edge,
            Environment environment) {
        return new NodeDescriber(
                status,
                limits,
                new FigureReader(registry),
                health,
                edge.websocket().path(),
                environment);
    }

    @Bean
    Fleet fleet(Peers peers, JsonMapper json, ApiProperties properties) {
        return new Fleet(peers, json, properties.api().fleetTimeout());
    }

    @Bean
    FleetNodes fleetNodes(Fleet fleet, NodeDescriber describer) {
        return new FleetNodes(fleet, describer);
    }

    @Bean
    FleetChannels fleetChannels(Fleet fleet, ChannelHub hub) {
        return new FleetChannels(fleet, hub);
    }

    @Bean
    FleetConnections fleetConnections(Fleet fleet, OpenConnections connections, RecentCloses closes) {
        return new FleetConnections(fleet, connections, closes);
    }

    @Bean
    RefusedClients refusedClients(Revocations revocations) {
        return new RefusedClients(revocations);
    }

    /** Not by their constructor: whoever verifies tokens needs the one, and needs to be there before the other. */
    @Bean
    SmartInitializingSingleton endOfRefusedConnections(RefusedClients refused, OpenConnections connections) {
        return () -> refused.endConnections(connections);
    }

    @Bean
    Publications publications(ChannelHub hub, TokenVerifier tokens, LimitsProperties limits) {
        return new Publications(hub, tokens, (int) limits.maxMessageSize().toBytes());
    }

    @Bean
    RequestBody requestBody(ApiProperties properties) {
        return new RequestBody(properties.api().bodyTimeout());
    }

    @Bean
    PublishFilter publishFilter(
            ApplicationContext context,
            ApiDoor door,
            RequestRate rate,
            FrameCodec codec,
            RequestBody body,
            Publications publications) {
        return new PublishFilter(context, door, rate, codec, body, publications);
    }

    @Bean
    BrokenRequests brokenRequests() {
        return new BrokenRequests();
    }

    @Bean
    RequestRate requestRate(ApiProperties properties, MeterRegistry registry) {
        return new RequestRate(properties.api().requestRate(), properties.api().requestBurst(), registry);
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
