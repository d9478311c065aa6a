package dev.starling.api;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import reactor.netty.http.server.HttpServer;

/** Gives each connection to the main port a {@link PublishHandler}; one for management, which Boot customizes as well, has no API. */
final class PublishCustomizer implements NettyServerCustomizer, ApplicationListener<WebServerInitializedEvent> {

    private final PublishShortcut shortcut;
    private final Duration bodyTimeout;

    /** 0 until the server has one; who connects before that takes the long way. */
    private volatile int mainPort;

    /** @param bodyTimeout how long a body may take */
    PublishCustomizer(PublishShortcut shortcut, Duration bodyTimeout) {
        this.shortcut = shortcut;
        this.bodyTimeout = bodyTimeout;
    }

    @Override
    public void onApplicationEvent(WebServerInitializedEvent event) {
        if (event.getApplicationContext().getServerNamespace() == null) {
            mainPort = event.getWebServer().getPort();
        }
    }

    @Override
    public HttpServer apply(HttpServer server) {
        return server.doOnChannelInit((observer, channel, remote) -> {
            if (channel.localAddress() instanceof InetSocketAddress local && local.getPort() == mainPort) {
                PublishHandler.addTo(channel.pipeline(), shortcut, bodyTimeout);
            }
        });
    }
}
