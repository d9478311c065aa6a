package dev.starling.api;

import dev.starling.websocket.NodeStatus;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;
import org.springframework.core.env.Environment;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Says what this node is and does. Thread-safe. */
final class NodeDescriber {

    private final NodeStatus status;
    private final NodeLimits limits;
    private final FigureReader figures;
    private final HealthEndpoint health;
    private final String websocketPath;
    private final String version;
    private final String broker;
    private final long startedAt = ManagementFactory.getRuntimeMXBean().getStartTime();

    NodeDescriber(
            NodeStatus status,
            NodeLimits limits,
            FigureReader figures,
            HealthEndpoint health,
            String websocketPath,
            Environment environment) {
        this.status = status;
        this.limits = limits;
        this.figures = figures;
        this.health = health;
        this.websocketPath = websocketPath;
        this.version = environment.getProperty("spring.application.version", "development");
        this.broker = environment.getProperty("starling.broker.type", "memory").toLowerCase(Locale.ROOT);
    }

    /** Elsewhere than on an event loop, as whoever tells of a node's health may have to wait for it. */
    Mono<NodeDescription> describe() {
        return Mono.fromCallable(this::description).subscribeOn(Schedulers.boundedElastic());
    }

    private NodeDescription description() {
        return new NodeDescription(
                status.name(),
                version,
                startedAt,
                broker,
                isUp("broker"),
                isUp("readiness"),
                status.isDraining(),
                status.connections(),
                websocketPath,
                limits);
    }

    /** What has no health can't fail. */
    private boolean isUp(String component) {
        HealthDescriptor descriptor = health.healthForPath(component);
        return descriptor == null || Status.UP.equals(descriptor.getStatus());
    }

    Figures figures() {
        return figures.read(status.name());
    }
}
