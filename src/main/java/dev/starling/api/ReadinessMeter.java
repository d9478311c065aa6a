package dev.starling.api;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;

/** Shows what the readiness probe is answered, so that an alert sees a node that is ready now and then only. */
final class ReadinessMeter implements MeterBinder {

    private final HealthEndpoint health;

    ReadinessMeter(HealthEndpoint health) {
        this.health = health;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("ws.node.ready", this, meter -> meter.isReady() ? 1 : 0)
                .description("Whether the node takes new connections")
                .strongReference(true)
                .register(registry);
    }

    private boolean isReady() {
        HealthDescriptor readiness = health.healthForPath("readiness");
        return readiness != null && Status.UP.equals(readiness.getStatus());
    }
}
