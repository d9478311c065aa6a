package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.starling.security.LimitsProperties;
import dev.starling.websocket.WebSocketProperties;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
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
    void nodeHasMoreTimeToLeaveThanItTakesAndNginxWaitsForIt() {
        Duration deadline = Binder.get(new MockEnvironment())
                .bindOrCreate("starling", WebSocketProperties.class)
                .drain()
                .deadline();

        assertThat(COMPOSE.nodes().values())
                .hasSize(3)
                .allSatisfy(node -> assertThat(grace(node)).isGreaterThan(deadline.plusSeconds(5)));
        assertThat(grace(COMPOSE.service("nginx"))).isGreaterThan(deadline);
    }

    private static Duration grace(JsonNode service) {
        return DurationStyle.detectAndParse(
                service.required("stop_grace_period").asString());
    }

    @Test
    void filesThatMayBeOpenAreEnoughForAllConnectionsAndCanBeSet() throws IOException {
        int connections = Binder.get(new MockEnvironment())
                .bindOrCreate("starling.limits", LimitsProperties.class)
                .maxConnections();

        assertThat(COMPOSE.service("starling-1").at("/ulimits/nofile").asInt())
                .isGreaterThan(connections)
                .as("what systemd allows users, and so rootless engines")
                .isLessThanOrEqualTo(524_288);
        assertThat(Files.readString(Path.of("docker-compose.yml"))).contains("nofile: ${STARLING_NOFILE:-");
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
    void nginxHasAllNodesInBothListsAndTheyBelieveItAlone() {
        List<String> lists = Pattern.compile("upstream \\w+ \\{([^}]*)}")
                .matcher(NginxProcess.source("servers.conf"))
                .results()
                .map(list -> list.group(1))
                .toList();

        assertThat(lists)
                .hasSize(2)
                .allSatisfy(list -> assertThat(list.lines()
                                .map(String::strip)
                                .filter(line -> line.startsWith("server "))
                                .map(line -> line.replaceAll("server (.*):8080 .*", "$1")))
                        .containsExactlyInAnyOrderElementsOf(COMPOSE.nodes().values().stream()
                                .map(ComposeTests::address)
                                .toList()));
        assertThat(COMPOSE.environment("starling-1"))
                .containsEntry("STARLING_SECURITY_TRUSTED_PROXIES", address(COMPOSE.service("nginx")));
        assertThat(Stream.concat(COMPOSE.nodes().values().stream(), Stream.of(COMPOSE.service("nginx")))
                        .map(ComposeTests::address))
                .as("fixed")
                .doesNotHaveDuplicates()
                .allMatch(address -> address.startsWith("172.30.0."));
    }

    @Test
    void nodesAreStoppedBeforeNginxAndRedis() {
        assertThat(COMPOSE.nodes().values())
                .allSatisfy(node ->
                        assertThat(node.required("depends_on").propertyNames()).contains("nginx", "redis"));
        for (String name : List.of("nginx", "redis")) {
            assertThat(COMPOSE.service(name).path("depends_on")).as(name).isEmpty();
        }
        assertThat(COMPOSE.service("nginx").required("stop_signal").asString())
                .as("waits for the ends of its connections")
                .isEqualTo("SIGQUIT");
    }

    @Test
    void onlyNodesReachRedis() {
        String network = "redis";

        assertThat(COMPOSE.tree()
                        .required("networks")
                        .required(network)
                        .required("internal")
                        .asBoolean())
                .isTrue();
        assertThat(COMPOSE.service("redis").required("networks").propertyNames())
                .containsExactly(network);
        assertThat(COMPOSE.service("redis").has("ports")).isFalse();
        assertThat(COMPOSE.services().keySet())
                .filteredOn(name -> COMPOSE.service(name).path("networks").has(network))
                .containsExactlyInAnyOrder("redis", "starling-1", "starling-2", "starling-3");
    }

    @Test
    void noSecretIsWrittenDown() throws IOException {
        List<String> secrets = Files.readAllLines(Path.of("docker-compose.yml")).stream()
                .map(String::strip)
                .filter(line -> line.matches("\\w*(SECRET|PASSWORD|AUTH):.*"))
                .toList();

        assertThat(secrets).hasSize(3).allMatch(line -> line.matches("\\w+: \"\\$\\{STARLING_\\w+:\\?.+}\""));
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
