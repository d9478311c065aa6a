package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.helm.Chart;
import dev.starling.helm.Manifests;
import dev.starling.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The server as a pod of the Helm chart has it: what the chart configures is read, and what the chart asks is there. */
class HelmIT {

    private static final int MANAGEMENT = ServerLaunch.freePort();

    @TempDir
    private static Path directory;

    private static RedisServer redis;
    private static Manifests manifests;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws IOException {
        redis = RedisServer.start();
        manifests = Chart.render("""
                replicaCount: 2
                jwt: { secret: %s }
                redis: { enabled: true, url: "redis://%s:%d/0" }
                management: { port: %d }
                metrics: { podMonitor: { enabled: true } }
                trustedProxies: [10.0.0.0/8, "fd00::/8"]
                drain: { deadline: 5s }
                config:
                  starling:
                    channels:
                      - { pattern: "chat:*", subscribe: anyone, publish: anyone, history-size: 100, history-ttl: 1h }
                    limits: { max-connections: 2000000 }
                """.formatted(ServerLaunch.SECRET, RedisServer.HOST, redis.port(), MANAGEMENT));
        Files.writeString(directory.resolve("application.yml"), manifests.applicationYml());
        server = ServerLaunch.bare(
                        "spring.config.additional-location=file:" + directory + "/",
                        "starling.security.jwt.secret=" + ServerLaunch.SECRET,
                        "management.endpoints.web.exposure.include=health,prometheus,configprops")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        redis.close();
    }

    /** The server says of each bound property from which line it has it. */
    @Test
    void everyPropertyIsBound() {
        List<String> lines = manifests.applicationYml().lines().toList();
        Set<String> bound = new TreeSet<>();
        Matcher origins = Pattern.compile(Pattern.quote("[file:" + directory + "/application.yml] - ") + "(\\d+):")
                .matcher(server.get(
                                MANAGEMENT,
                                "/actuator/configprops",
                                "Authorization",
                                "Bearer " + Tokens.standard().scope("ops").sign())
                        .body());
        while (origins.find()) {
            bound.add(lines.get(Integer.parseInt(origins.group(1)) - 1));
        }

        assertThat(lines).hasSizeGreaterThan(10);
        // The port is another one here.
        assertThat(bound)
                .containsAll(lines.stream()
                        .filter(line -> !line.startsWith("server.port:"))
                        .toList());
    }

    @Test
    void probesAreThere() {
        assertThat(Stream.of("startup", "liveness", "readiness")
                        .map(probe -> manifests
                                .container()
                                .at("/" + probe + "Probe/httpGet/path")
                                .asString()))
                .allSatisfy(path -> assertThat(server.get(path).statusCode()).isEqualTo(200));
    }

    @Test
    void metricsAreThereForTheMonitorAndHaveWhatAutoscalersRead() {
        JsonNode endpoint = manifests.one("PodMonitor").at("/spec/podMetricsEndpoints/0");

        assertThat(server.get(MANAGEMENT, endpoint.path("path").asString()).body())
                .contains("\nws_connections_active ");
    }

    @Test
    void helmTestSubscribesAndPublishes() {
        String[] words = manifests
                .one("Pod", "-test")
                .at("/spec/containers/0/args")
                .valueStream()
                .map(JsonNode::asString)
                .map(word -> word.startsWith("--url=") ? "--url=" + server.socket() : word)
                .map(word -> word.replace("$(STARLING_SECURITY_JWT_SECRET)", ServerLaunch.SECRET))
                .toArray(String[]::new);

        LoadTool tool = LoadTool.run(
                Stream.concat(Stream.of(words), Stream.of("--json")).toArray(String[]::new));

        assertThat(tool.status()).as(tool.errors() + tool.output()).isZero();
        assertThat(tool.json().path("delivered").asLong()).isPositive();
    }
}
