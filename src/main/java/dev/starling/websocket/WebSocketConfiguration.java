package dev.starling.websocket;

import dev.starling.channel.ChannelHistory;
import dev.starling.channel.ChannelHub;
import dev.starling.channel.Presence;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.FrameLimits;
import dev.starling.protocol.NodeName;
import dev.starling.security.ChannelPermissions;
import dev.starling.security.ClientAddressResolver;
import dev.starling.security.ConnectionLimits;
import dev.starling.security.CorsPolicy;
import dev.starling.security.LimitsProperties;
import dev.starling.security.SecurityProperties;
import dev.starling.security.TokenVerifier;
import dev.starling.security.UpgradeRefusals;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.Ordered;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.reactive.socket.server.support.WebSocketHandlerAdapter;

/** Puts the edge together. */
@Configuration(proxyBeanMethods = false)
final class WebSocketConfiguration {

    @Bean
    SessionMetrics sessionMetrics(MeterRegistry registry) {
        return new SessionMetrics(registry);
    }

    @Bean
    SessionLog sessionLog(MeterRegistry registry) {
        return new SessionLog(registry);
    }

    @Bean
    TokenClock tokenClock(SecurityProperties security) {
        return new TokenClock(security.tokenGrace());
    }

    @Bean
    Heartbeat heartbeat(
            WebSocketProperties properties, TokenClock clock, LimitsProperties limits, SessionMetrics metrics) {
        return new Heartbeat(properties.heartbeat(), clock, limits.firstFrameTimeout(), metrics);
    }

    @Bean
    SessionRegistry sessionRegistry(Heartbeat heartbeat, SessionMetrics metrics, LimitsProperties limits) {
        SessionRegistry registry = new SessionRegistry(heartbeat::watch);
        metrics.gauges(registry, limits.maxConnections());
        return registry;
    }

    @Bean
    SessionDrain sessionDrain(
            SessionRegistry registry, HttpConnections http, WebSocketProperties properties, SessionMetrics metrics) {
        SessionDrain drain = new SessionDrain(registry, http, properties.drain());
        metrics.drain(drain);
        return drain;
    }

    /**
     * Spring would give each phase 30 seconds, whatever the deadline says: the drain takes what its own plan says, and every
     * other phase is left in time for those after it.
     */
    @Bean
    static BeanPostProcessor phaseTimeouts(ObjectProvider<WebSocketProperties> properties) {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                if (bean instanceof DefaultLifecycleProcessor processor) {
                    WebSocketProperties.Drain drain = properties.getObject().drain();
                    processor.setTimeoutPerShutdownPhase(drain.rest().toMillis() / 2);
                    processor.setTimeoutForShutdownPhase(SessionDrain.PHASE, SessionDrain.LONGEST_MILLIS);
                }
                return bean;
            }
        };
    }

    @Bean
    AdmissionFilter admissionFilter(
            ApplicationContext context,
            WebSocketProperties properties,
            ConnectionLimits limits,
            ClientAddressResolver addresses,
            UpgradeRefusals refusals,
            SessionDrain drain,
            UpgradeWait wait,
            CorsPolicy cors) {
        return new AdmissionFilter(
                context, properties.websocket().path(), limits, addresses, refusals, drain, wait, cors);
    }

    @Bean
    FrameCodec frameCodec(LimitsProperties limits) {
        return new FrameCodec(
                new FrameLimits(limits.maxChannelLength(), limits.channelAlphabet(), FrameLimits.DEFAULT.maxNesting()));
    }

    @Bean
    Node node(
            NodeName name,
            WebSocketProperties properties,
            TokenClock clock,
            LimitsProperties limits,
            FrameCodec codec,
            ChannelHub hub,
            Presence presence,
            SessionRegistry registry,
            SessionMetrics metrics,
            SessionLog log,
            ObjectProvider<CloseListener> closes) {
        metrics.deliveries(hub);
        return new Node(
                name.value(),
                properties.heartbeat().interval(),
                limits,
                properties.history(),
                Inbound.Rates.of(limits),
                codec,
                hub,
                presence,
                registry,
                metrics,
                log,
                closes.getIfAvailable(() -> closed -> {}));
    }

    @Bean
    NodeStatus nodeStatus(Node node, SessionDrain drain) {
        return new NodeStatus(node, drain);
    }

    @Bean
    OpenConnections openConnections(SessionRegistry registry) {
        return new OpenConnections(registry);
    }

    @Bean
    FrameDispatcher frameDispatcher(
            Node node, ChannelHistory past, ChannelPermissions permissions, TokenVerifier tokens, TokenClock clock) {
        return new FrameDispatcher(node, past, permissions, tokens, clock);
    }

    @Bean
    EventStreams eventStreams(
            Node node,
            ChannelHistory past,
            FrameDispatcher dispatcher,
            Heartbeat heartbeat,
            ChannelPermissions permissions,
            ClientAddressResolver addresses,
            UpgradeRefusals refusals) {
        return new EventStreams(node, past, dispatcher, heartbeat, permissions, addresses, refusals);
    }

    @Bean
    HandlerMapping webSocketMapping(
            WebSocketProperties properties, Node node, FrameDispatcher dispatcher, Heartbeat heartbeat) {
        PubSubHandler handler = new PubSubHandler(node, dispatcher, heartbeat);
        return new SimpleUrlHandlerMapping(Map.of(properties.websocket().path(), handler), Ordered.HIGHEST_PRECEDENCE);
    }

    @Bean
    WebSocketHandlerAdapter webSocketHandlerAdapter(
            ClientAddressResolver addresses,
            UpgradeRefusals refusals,
            TokenVerifier tokens,
            LimitsProperties limits,
            WebSocketProperties properties) {
        UpgradeStrategy strategy = new UpgradeStrategy(
                addresses,
                refusals,
                tokens,
                (int) limits.maxMessageSize().toBytes(),
                properties.websocket().compression());
        return new WebSocketHandlerAdapter(new UpgradeCheck(strategy, tokens, refusals));
    }
}
