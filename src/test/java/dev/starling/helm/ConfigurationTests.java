package dev.starling.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the chart writes into application.yml. */
class ConfigurationTests {

    static List<String> matrix() {
        return Chart.matrix();
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void everyPropertyIsOneOfStarlingOrSpring(String set) throws IOException {
        Map<String, String> known = knownProperties();

        assertThat(Chart.renderSet(set).properties().keySet())
                .isNotEmpty()
                .allMatch(name -> isKnown(known, name.replaceAll("\\[.*", "")));
    }

    @Test
    void propertyThatNobodyReadsWouldBeFound() throws IOException {
        assertThat(isKnown(knownProperties(), "starling.drain.dead-line")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "STARLING_SECURITY_JWT_SECRET, starling.security.jwt.secret",
        "STARLING_SECURITY_JWT_PREVIOUSSECRET, starling.security.jwt.previous-secret",
        "SPRING_DATA_REDIS_PASSWORD, spring.data.redis.password",
        "SPRING_DATA_REDIS_SENTINEL_PASSWORD, spring.data.redis.sentinel.password",
    })
    void variablesThatComeFromSecretsAreRead(String variable, String property) throws IOException {
        StandardEnvironment environment = new StandardEnvironment();
        String source = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        environment
                .getPropertySources()
                .replace(source, new SystemEnvironmentPropertySource(source, Map.of(variable, "hidden")));

        assertThat(Binder.get(environment).bind(property, String.class).get()).isEqualTo("hidden");
        assertThat(knownProperties()).containsKey(property);
        assertThat(Chart.matrix().stream()
                        .map(Chart::renderSet)
                        .flatMap(manifests -> manifests.container().path("env").valueStream()))
                .anyMatch(env -> env.path("name").asString().equals(variable));
    }

    @Test
    void nestedAndDottedNamesAreTheSame() {
        Map<String, String> nested = Chart.render(
                        "config: { starling: { limits: { max-connections: 7 }, channels: [{ pattern: 'a:*' }] } }")
                .properties();
        Map<String, String> dotted = Chart.render(
                        "config: { starling.limits.max-connections: 7, 'starling.channels[0].pattern': 'a:*' }")
                .properties();

        assertThat(nested)
                .isEqualTo(dotted)
                .containsEntry("starling.limits.max-connections", "7")
                .containsEntry("starling.channels[0].pattern", "a:*");
    }

    @Test
    void valuesStayWhatTheyAre() {
        String file = Chart.render("""
                        config:
                          a: { whole: 100000000, part: 0.5, text: "007", flag: true, odd: "a: 'b' # {{ c }} ${D}", gone: null, none: [] }
                        """).applicationYml();

        assertThat(file.lines())
                .contains(
                        "a.whole: 100000000",
                        "a.part: 0.5",
                        "a.text: \"007\"",
                        "a.flag: true",
                        "a.odd: 'a: ''b'' # {{ c }} ${D}'",
                        "a.none: []")
                .noneMatch(line -> line.startsWith("a.gone"));
    }

    @ParameterizedTest
    @CsvSource({
        "redis://redis, redis, 6379, 0, ",
        "redis://redis.data:7000/3, redis.data, 7000, 3, ",
        "rediss://redis:6380, redis, 6380, 0, true",
    })
    void addressOfRedisIsTakenApart(String url, String host, String port, String database, String tls) {
        Map<String, String> properties =
                Chart.render("redis: { enabled: true, url: '" + url + "' }").properties();

        assertThat(properties)
                .containsEntry("starling.broker.type", "redis")
                .containsEntry("spring.data.redis.host", host)
                .containsEntry("spring.data.redis.port", port)
                .containsEntry("spring.data.redis.database", database);
        assertThat(properties.get("spring.data.redis.ssl.enabled")).isEqualTo(tls);
    }

    @Test
    void clusterAndSentinelAreListsOfNodes() {
        assertThat(Chart.renderSet("redis-cluster-tls").properties())
                .containsEntry("spring.data.redis.cluster.nodes[2]", "redis-2.redis:7000");
        assertThat(Chart.renderSet("redis-sentinel").properties())
                .containsEntry("spring.data.redis.sentinel.master", "mymaster")
                .containsEntry("spring.data.redis.sentinel.nodes[1]", "sentinel-1:26379");
    }

    private static boolean isKnown(Map<String, String> known, String name) {
        return known.containsKey(name)
                || known.entrySet().stream()
                        .anyMatch(property -> property.getValue().startsWith("java.util.Map")
                                && name.startsWith(property.getKey() + "."));
    }

    /** Names and types, as the libraries on the class path declare them. */
    private static Map<String, String> knownProperties() throws IOException {
        Map<String, String> known = new HashMap<>();
        for (URL metadata : Collections.list(ConfigurationTests.class
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream in = metadata.openStream()) {
                for (JsonNode property : JsonMapper.shared().readTree(in).path("properties")) {
                    known.put(
                            property.path("name").asString(),
                            property.path("type").asString());
                }
            }
        }
        return known;
    }
}
