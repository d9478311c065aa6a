package dev.starling.loadtest.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Actuator says, and does not say. */
class ActuatorProbeIT {

    private final HttpServer server = start();
    private final String base = "http://localhost:" + server.getAddress().getPort() + "/actuator";
    private final ActuatorProbe probe = new ActuatorProbe(List.of(base, base), "token");

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void heapIsThatOfAllNodes() {
        answer("/actuator/metrics/jvm.memory.used", 200, "{\"measurements\":[{\"value\":1.5E8}]}");

        assertThat(probe.heapBytes()).isEqualTo(300_000_000);
        probe.check();
    }

    @Test
    void whoMayNotSeeTheHeapIsToldBeforeTheLoad() {
        answer("/actuator/metrics/jvm.memory.used", 401, "");

        assertThat(probe.heapBytes()).isEqualTo(ActuatorProbe.UNKNOWN);
        assertThatIllegalArgumentException().isThrownBy(probe::check).withMessageContaining(base);
    }

    @Test
    void nodeOfWhichOnlyAPartIsUpIsNotReady() {
        answer(
                "/actuator/health/readiness",
                503,
                "{\"status\":\"OUT_OF_SERVICE\",\"components\":{\"broker\":{\"status\":\"UP\"}}}");
        assertThat(probe.ready()).isZero();
    }

    @Test
    void nodeThatIsUpIsReady() {
        answer("/actuator/health/readiness", 200, "{\"status\":\"UP\"}");
        assertThat(probe.ready()).isEqualTo(2);
    }

    private void answer(String path, int status, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        server.createContext(path, exchange -> {
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    private static HttpServer start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.start();
            return server;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
