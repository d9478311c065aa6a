package dev.starling.local;

import dev.starling.StarlingApplication;
import dev.starling.channel.ChannelHub;
import dev.starling.protocol.ChannelName;
import dev.starling.security.ConnectionLimits;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** The whole product, served a second time: by the same handler and the same settings of the server, on a local address. */
final class LocalNode implements AutoCloseable {

    static final LocalAddress ADDRESS = new LocalAddress("starling");

    private static final Duration BOUND = Duration.ofSeconds(30);

    private final ConfigurableApplicationContext context;
    private final DefaultEventExecutor groupExecutor = new DefaultEventExecutor();
    private final DisposableServer server;

    LocalNode(LocalLoops loops, String... properties) {
        context = new SpringApplicationBuilder(StarlingApplication.class).run(properties);
        HttpServer http = HttpServer.create().runOn(loops).channelGroup(new DefaultChannelGroup(groupExecutor));
        for (NettyServerCustomizer customizer :
                context.getBean(NettyReactiveWebServerFactory.class).getServerCustomizers()) {
            http = customizer.apply(http);
        }
        server = withoutSockets(http)
                .bindAddress(() -> ADDRESS)
                .handle(new ReactorHttpHandlerAdapter(context.getBean(HttpHandler.class)))
                .bindNow();
    }

    /** A local channel does not know what is of TCP, and would say so for each connection. */
    @SuppressWarnings("NullAway") // null takes an option away
    private static HttpServer withoutSockets(HttpServer http) {
        return http.option(ChannelOption.SO_REUSEADDR, null)
                .option(ChannelOption.SO_BACKLOG, null)
                .childOption(ChannelOption.TCP_NODELAY, null)
                .childOption(ChannelOption.SO_SNDBUF, null);
    }

    void publish(String channel, String json) {
        context.getBean(ChannelHub.class)
                .publish(new ChannelName(channel), json.getBytes(StandardCharsets.UTF_8), null)
                .block(BOUND);
    }

    /** Connections that count for the limits. */
    int connections() {
        return context.getBean(ConnectionLimits.class).connections();
    }

    /** The value of a meter without tags. */
    double gauge(String name) {
        return context.getBean(MeterRegistry.class).get(name).gauge().value();
    }

    double counter(String name) {
        return context.getBean(MeterRegistry.class).get(name).functionCounter().count();
    }

    @Override
    public void close() {
        server.disposeNow(BOUND);
        context.close();
        groupExecutor.shutdownGracefully();
    }
}
