package dev.starling.api;

import dev.starling.websocket.NodeStatus;
import dev.starling.websocket.WebSocketProperties;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.springframework.core.env.Environment;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What this node is, for everybody, and what it does, for operators. */
@RestController
@RequestMapping("/api/node")
final class NodeController {

    private final NodeStatus status;
    private final NodeLimits limits;
    private final FigureReader figures;
    private final String version;
    private final String broker;
    private final String websocketPath;
    private final long startedAt = ManagementFactory.getRuntimeMXBean().getStartTime();

    NodeController(
            NodeStatus status,
            NodeLimits limits,
            FigureReader figures,
            WebSocketProperties properties,
            Environment environment) {
        this.status = status;
        this.limits = limits;
        this.figures = figures;
        this.version = environment.getProperty("spring.application.version", "development");
        this.broker = environment.getProperty("starling.broker.type", "memory").toLowerCase(Locale.ROOT);
        this.websocketPath = properties.websocket().path();
    }

    /**
     * A node.
     *
     * @param node its name
     * @param version of the server; {@code development} if it does not run from a jar
     * @param startedAt when its process was started, in milliseconds since 1970
     * @param broker {@code memory} or {@code redis}
     * @param draining whether it is about to stop
     * @param ops whether who asks may ask what operators may
     * @param websocketPath where it takes WebSockets, below the path at which it is served
     * @param limits what it allows
     */
    record NodeDescription(
            String node,
            String version,
            long startedAt,
            String broker,
            boolean draining,
            boolean ops,
            String websocketPath,
            NodeLimits limits) {}

    @GetMapping
    NodeDescription node(Authentication token) {
        boolean ops =
                token.getAuthorities().stream().anyMatch(authority -> "SCOPE_ops".equals(authority.getAuthority()));
        return new NodeDescription(
                status.name(), version, startedAt, broker, status.isDraining(), ops, websocketPath, limits);
    }

    @GetMapping("/figures")
    Figures figures() {
        return figures.read(status.name());
    }
}
