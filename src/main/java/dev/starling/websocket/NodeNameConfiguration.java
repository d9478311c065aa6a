package dev.starling.websocket;

import dev.starling.protocol.NodeName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What this node calls itself. */
@Configuration(proxyBeanMethods = false)
final class NodeNameConfiguration {

    @Bean
    NodeName nodeName(WebSocketProperties properties) {
        return new NodeName(
                properties.node().isEmpty()
                        ? hostName() + "-" + Integer.toString(randomSuffix(), 36)
                        : properties.node());
    }

    private static int randomSuffix() {
        return ThreadLocalRandom.current().nextInt(36 * 36 * 36, 36 * 36 * 36 * 36);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "node";
        }
    }
}
