package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ManagementPortIT {

    private static final String SECRET = "--starling.security.jwt.secret=" + TestTokens.SECRET;

    @Test
    void portOfItsOwnIsOpenToTheScraperOnly() throws Exception {
        try (RunningServer server = new RunningServer(
                Object.class, SECRET, "--management.server.port=0", "--management.endpoints.web.exposure.include=*")) {
            int port = server.managementPort();
            assertThat(port).isNotEqualTo(server.port());
            for (String open : new String[] {"health", "health/readiness", "info", "prometheus", "metrics"}) {
                assertThat(server.get(port, "/actuator/" + open, "").statusCode())
                        .as(open)
                        .isEqualTo(200);
            }
            assertThat(server.get(port, "/actuator/prometheus", "").body())
                    .contains("ws_upgrade_refused_total{reason=\"no_token\"}");
            for (String closed : new String[] {"env", "threaddump", "beans", "loggers"}) {
                String path = "/actuator/" + closed;
                assertThat(server.get(port, path, "").statusCode()).as(closed).isEqualTo(401);
                assertThat(server.get(port, path, TestTokens.valid()).statusCode())
                        .as(closed)
                        .isEqualTo(403);
            }
            assertThat(server.get(port, "/actuator/env", ops()).statusCode()).isEqualTo(200);
            assertThat(server.get(port, "/actuator", "").statusCode()).isEqualTo(401);
            assertThat(server.get(port, "/ws", "").statusCode()).isEqualTo(401);
        }
    }

    @Test
    void mainPortHasNoActuatorThenButProbes() throws Exception {
        try (RunningServer server = new RunningServer(Object.class, SECRET, "--management.server.port=0")) {
            int port = server.port();
            for (String path : new String[] {"/actuator/prometheus", "/actuator/health", "/actuator"}) {
                assertThat(server.get(port, path, "").statusCode()).as(path).isEqualTo(404);
                assertThat(server.get(port, path, ops()).statusCode()).as(path).isEqualTo(404);
            }
            assertThat(server.get(port, "/livez", "").statusCode()).isEqualTo(200);
            assertThat(server.get(port, "/readyz", "").statusCode()).isEqualTo(200);
            assertThat(server.get(server.managementPort(), "/livez", "").statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void sharedPortIsOpenForHealthOnly() throws Exception {
        try (RunningServer server = new RunningServer(Object.class, SECRET)) {
            int port = server.port();
            assertThat(server.get(port, "/actuator/health", "").body()).doesNotContain("components");
            assertThat(server.get(port, "/livez", "").statusCode()).isEqualTo(200);
            assertThat(server.get(port, "/actuator/prometheus", "").statusCode())
                    .isEqualTo(401);
            assertThat(server.get(port, "/actuator/prometheus", TestTokens.valid())
                            .statusCode())
                    .isEqualTo(403);
            assertThat(server.get(port, "/actuator/prometheus", ops()).statusCode())
                    .isEqualTo(200);
        }
    }

    private static String ops() {
        return TestTokens.hs256(claims -> claims.claim("scope", "ops"));
    }
}
