package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.starling.websocket.WebSocketProperties;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.mock.env.MockEnvironment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code docker compose up} would make of {@code docker-compose.yml}: the schema is the Compose Specification's own
 * (compose-spec/compose-spec, commit 170098b, Apache 2.0), and the rest is what has to agree with other files.
 */
final class ComposeTests {

    private static final ComposeFile COMPOSE = ComposeFile.read();

    @Test
    void fileIsValid() throws IOException {
        assertThat(schema().validate(COMPOSE.tree())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"imagee", "health_check", "ulimit"})
    void misspeltWordWouldBeSeen(String word) throws IOException {
        JsonNode wrong = COMPOSE.tree().deepCopy();
        ((ObjectNode) wrong.required("services").required("redis")).put(word, "x");

        assertThat(schema().validate(wrong)).isNotEmpty();
    }

    private static Schema schema() throws IOException {
        try (InputStream in = ComposeTests.class.getResourceAsStream("/compose-spec.json")) {
            ObjectNode schema = (ObjectNode) JsonMapper.shared().readTree(in);
            // A bare file name, which the validator does not take for an id.
            schema.remove("$id");
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                    .getSchema(schema);
        }
    }

    @Test
    void mountedFilesAreThere() {
        List<Path> mounted = COMPOSE.services().values().stream()
                .flatMap(service -> service.path("volumes").valueStream())
                .map(volume -> volume.asString().split(":", 2)[0])
                .filter(source -> source.startsWith("./"))
                .map(Path::of)
                .toList();

        assertThat(mounted).hasSizeGreaterThan(5).allMatch(Files::exists);
    }

    @Test
    void nodeHasMoreTimeToLeaveThanItTakes() {
        Duration deadline = Binder.get(new MockEnvironment())
                .bindOrCreate("starling", WebSocketProperties.class)
                .drain()
                .deadline();

        assertThat(COMPOSE.nodes().values())
                .hasSize(3)
                .allSatisfy(node -> assertThat(DurationStyle.detectAndParse(
                                node.required("stop_grace_period").asString()))
                        .isGreaterThan(deadline.plusSeconds(5)));
    }

    @Test
    void whoNeedsAnotherServiceWaitsUntilItIsHealthy() {
        COMPOSE.services()
                .forEach((name, service) -> service.path("depends_on").forEachEntry((other, wait) -> {
                    assertThat(wait.required("condition").asString()).as(name).isEqualTo("service_healthy");
                    assertThat(COMPOSE.service(other).has("healthcheck"))
                            .as(other)
                            .isTrue();
                }));
    }

    @Test
    void nginxHasAllNodesAndTheyBelieveItAlone() {
        assertThat(NginxProcess.source("servers.conf").lines().filter(line -> line.startsWith("server ")))
                .map(line -> line.replaceAll("server (.*):8080 .*", "$1"))
                .hasSameElementsAs(COMPOSE.nodes().keySet());
        assertThat(COMPOSE.environment("starling-1"))
                .containsEntry("STARLING_SECURITY_TRUSTED_PROXIES", address(COMPOSE.service("nginx")));
        assertThat(Stream.concat(COMPOSE.nodes().values().stream(), Stream.of(COMPOSE.service("nginx")))
                        .map(ComposeTests::address))
                .as("fixed")
                .doesNotHaveDuplicates()
                .allMatch(address -> address.startsWith("172.30.0."));
    }

    private static String address(JsonNode service) {
        return service.at("/networks/default/ipv4_address").asString();
    }

    @Test
    void prometheusAsksEveryNode() {
        String port = COMPOSE.environment("starling-1").getOrDefault("MANAGEMENT_SERVER_PORT", "");
        JsonNode job = ComposeFile.yaml(Path.of("src", "main", "compose", "prometheus.yml"))
                .required("scrape_configs")
                .required(0);

        assertThat(job.at("/static_configs/0/targets").valueStream().map(JsonNode::asString))
                .hasSameElementsAs(COMPOSE.nodes().keySet().stream()
                        .map(node -> node + ":" + port)
                        .toList());
    }

    @Test
    void kernelSettingsAreThoseThatAreExplained() throws IOException {
        Map<String, String> explained = new TreeMap<>();
        Files.readString(Path.of("src", "main", "os", "90-starling.conf"))
                .lines()
                .filter(line -> !line.startsWith("#") && line.contains("="))
                .map(line -> line.split(" = "))
                .forEach(setting -> explained.put(setting[0], setting[1]));

        COMPOSE.services()
                .values()
                .forEach(service -> service.path("sysctls")
                        .forEachEntry((name, value) ->
                                assertThat(value.asString()).as(name).isEqualTo(explained.get(name))));
    }

    @Test
    void nodesMayWriteNothing() {
        assertThat(COMPOSE.nodes().values()).allSatisfy(node -> {
            assertThat(node.required("read_only").asBoolean()).isTrue();
            assertThat(node.required("cap_drop").required(0).asString()).isEqualTo("ALL");
        });
    }
}
