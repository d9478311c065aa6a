package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What nginx passes on to a node that serves its metrics on the same port. */
class NginxPathsIT {

    /** Granted everything, so that only the path decides. */
    private static final String TOKEN = Tokens.standard()
            .scope("publish read ops")
            .channels("*")
            .publish("*")
            .sign();

    private static final String METRIC = "ws_connections_active";
    private static final int RANDOM_PATHS = 3000;

    /** What a path that is to mislead is made of. */
    private static final List<String> PIECES = List.of(
            "/",
            "/",
            "//",
            "/.",
            "/..",
            "/%2e",
            "/%2E%2e",
            "/.%2e",
            "/..;",
            "/;",
            ";",
            ";x=y",
            "%3b",
            "\\",
            "%5c",
            "%2f",
            "%252f",
            "%25",
            ".",
            "%00",
            "%20",
            "%09",
            "?",
            "#",
            "%23",
            "%3f",
            "/api",
            "/console",
            "/client",
            "/ws",
            "/livez",
            "/api/channels",
            "/events",
            "/messages",
            "/actuator",
            "/actuator",
            "/Actuator",
            "/ACTUATOR",
            "/%61ctuator",
            "/actuato%72",
            "/actuator.",
            "/actuator;",
            "/prometheus",
            "/prometheus",
            "/prometheus.",
            "/prometheus;v=1",
            "/%70rometheus");

    private static ServerProcess node;
    private static NginxProcess nginx;

    @BeforeAll
    static void start() {
        RealParts.program("nginx");
        node = StandardServer.get();
        nginx = NginxProcess.before(List.of(node.port()));
    }

    @AfterAll
    static void stop() {
        if (nginx != null) {
            nginx.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/actuator",
                "/actuator/",
                "/actuator/prometheus",
                "/actuator/prometheus/",
                "/actuator;/prometheus",
                "/actuator;a=b/prometheus;c",
                "/;/actuator/prometheus",
                "/%61ctuator/prometheus",
                "/actuator%2fprometheus",
                "//actuator/prometheus",
                "///actuator//prometheus",
                "/./actuator/prometheus",
                "/%2e/actuator/prometheus",
                "/api/../actuator/prometheus",
                "/api/%2e%2e/actuator/prometheus",
                "/api/.%2E/actuator/prometheus",
                "/api/..;/actuator/prometheus",
                "/api/channels/../../actuator/prometheus",
                "/console/..%2factuator/prometheus",
                "/console/..\\actuator\\prometheus",
                "/console/..%5cactuator%5cprometheus",
                "/ws/../actuator/prometheus",
                "/ws;/../actuator/prometheus",
                "/livez/../actuator/prometheus",
                "/Actuator/prometheus",
                "/ACTUATOR/PROMETHEUS",
                "/actuator./prometheus",
                "/actuator/prometheus.",
                "/actuator/prometheus?session_id=1",
                "/actuator/prometheus#/ws",
                "/ws#/actuator/prometheus",
                "http://localhost/actuator/prometheus",
                "http://localhost/ws/..;/actuator/prometheus",
                "actuator/prometheus"
            })
    void metricsAreNotServed(String path) {
        int before = nginx.accesses().size();
        String answer = get(nginx.port(), path);
        Awaitility.await("its line in the access log")
                .until(() -> nginx.accesses().size() > before);

        assertThat(answer).doesNotContain(METRIC).containsPattern("^HTTP/1.1 (400|404) ");
        assertThat(nginx.accesses())
                .filteredOn(line -> line.path("path").asString().contains("ctuator"))
                .allMatch(line -> line.path("upstream_addr").asString("").isEmpty());
    }

    @Test
    void metricsAreThereForThoseInside() {
        assertThat(get(node.port(), "/actuator/prometheus")).contains(METRIC);
        assertThat(get(node.port(), "/%61ctuator/prometheus")).contains(METRIC);
    }

    @Test
    void noPathLeadsToTheMetrics() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> leaks = IntStream.range(0, RANDOM_PATHS)
                .mapToObj(i -> path(random))
                .filter(path -> get(nginx.port(), path).contains(METRIC))
                .toList();

        assertThat(leaks).as("seed " + seed).isEmpty();
    }

    private static String path(Random random) {
        return "/"
                + IntStream.range(0, 2 + random.nextInt(6))
                        .mapToObj(i -> PIECES.get(random.nextInt(PIECES.size())))
                        .collect(Collectors.joining());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/livez",
                "/readyz",
                "/readyz?x",
                "/console",
                "/console/",
                "/console/index.html",
                "/client/index.js",
                "/api/openapi.yaml",
                "/api/node",
                "/api/channels?prefix=open:",
                "/api/connections?query=a;b"
            })
    void whatClientsUseIsPassedOn(String path) {
        assertThat(status(get(nginx.port(), path)))
                .isEqualTo(status(get(node.port(), path)))
                .isIn("200", "302");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "open:x",
                "open:a/b",
                "open:a//b",
                "open:..",
                "open:../x",
                "open:x;v=1",
                "open:%2e",
                "open:a&b=c#d!$'()+,|~@%",
                "...",
                "open:x/events",
                "actuator"
            })
    void everyChannelCanBeNamed(String channel) {
        String path = "/api/channels/"
                + URLEncoder.encode(channel, StandardCharsets.UTF_8).replace("+", "%20");

        assertThat(status(get(nginx.port(), path)))
                .isEqualTo(status(get(node.port(), path)))
                .isEqualTo("200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"h2c", "websocket", "TLS/1.2", "websocket, h2c"})
    void noOtherPathIsUpgraded(String protocol) {
        try (RawClient client = RawClient.connect(nginx.port())) {
            HttpAnswer answer = client.request(
                    "GET",
                    "/api/node",
                    "Authorization: Bearer " + TOKEN,
                    "Connection: Upgrade, HTTP2-Settings",
                    "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
                    "Upgrade: " + protocol);

            assertThat(answer.status()).isEqualTo(200);
        }
    }

    private static String status(String answer) {
        return answer.split(" ", 3)[1];
    }

    /** The whole answer. */
    private static String get(int port, String path) {
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
                + TOKEN + "\r\n\r\n";
        try (RawClient client = RawClient.connect(port)) {
            client.send(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(client.body().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
