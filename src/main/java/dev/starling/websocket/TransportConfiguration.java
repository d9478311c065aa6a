package dev.starling.websocket;

import dev.starling.security.HttpLimits;
import dev.starling.security.LimitsProperties;
import dev.starling.security.UpgradeRefusals;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationPredicate;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import java.time.Duration;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.reactor.netty.autoconfigure.ReactorNettyProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.netty.http.server.HttpServer;

/** What the web server's sockets and pipelines are like. */
@Configuration(proxyBeanMethods = false)
final class TransportConfiguration {

    /** In place of Boot's, whose event loops are those of the whole JVM, and Reactor Netty's choice. */
    @Bean
    ReactorResourceFactory reactorResources(TransportProperties transport, ReactorNettyProperties netty) {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setLoopResourcesSupplier(() -> EventLoops.of(transport));
        Duration quietPeriod = netty.getShutdownQuietPeriod();
        if (quietPeriod != null) {
            resources.setShutdownQuietPeriod(quietPeriod);
        }
        return resources;
    }

    @Bean
    UpgradeWait upgradeWait(LimitsProperties limits, UpgradeRefusals refusals, MeterRegistry registry) {
        return new UpgradeWait(limits.maxConnectWait(), refusals, registry);
    }

    @Bean
    NettyServerCustomizer sessionTransport(TransportProperties transport, LimitsProperties limits) {
        Descriptors.warnIfFewerThan(limits.maxConnections());
        return server -> limitKernelBuffer(server, limits)
                .option(ChannelOption.SO_BACKLOG, transport.acceptBacklog())
                .childOption(ChannelOption.TCP_NODELAY, transport.noDelay())
                .doOnChannelInit((observer, channel, remote) -> prepare(channel.pipeline(), limits));
    }

    @Bean
    HttpConnections httpConnections(HttpLimits limits, MeterRegistry registry) {
        return new HttpConnections(limits, registry);
    }

    @Bean
    NettyServerCustomizer httpConnectionLimits(HttpConnections connections, UpgradeWait wait) {
        return server -> server.doOnBound(bound -> connections.listensAt(bound.channel()))
                .doOnChannelInit((observer, channel, remote) -> {
                    PipelinedEnd.addTo(channel.pipeline(), wait, connections);
                    connections.accept(channel);
                });
    }

    /** By default the kernel takes megabytes for a client that does not read, before we see any of it. */
    private static HttpServer limitKernelBuffer(HttpServer server, LimitsProperties limits) {
        int bytes = (int) limits.sendBuffer().toBytes();
        return bytes == 0 ? server : server.childOption(ChannelOption.SO_SNDBUF, bytes);
    }

    private static void prepare(ChannelPipeline pipeline, LimitsProperties limits) {
        RequestTimeout.addTo(pipeline, limits.handshakeTimeout());
        RequestCheck.addTo(pipeline); // before the next changes a version
    }

    /** An observation of the upgrade would stay open, with all that it holds, for as long as the connection does. */
    @Bean
    ObservationPredicate noObservationOfSessions(WebSocketProperties properties) {
        PathPattern path =
                PathPatternParser.defaultInstance.parse(properties.websocket().path());
        return (name, context) -> !(context instanceof ServerRequestObservationContext request) || !isAt(path, request);
    }

    private static boolean isAt(PathPattern path, ServerRequestObservationContext context) {
        ServerHttpRequest request = context.getCarrier();
        return request != null && path.matches(request.getPath().pathWithinApplication());
    }
}
