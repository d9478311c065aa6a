package dev.starling.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The chart's values: which are refused, and whether all are written down. */
class ValuesTests {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\| (?:`(.+?)`|–) \\| .+ \\|$");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "replicas: 3",
                "replicaCount: 0",
                "replicaCount: '3'",
                "image: { tag: 1.0 }",
                "image: { digest: latest }",
                "fullnameOverride: push.example",
                "nameOverride: 1st",
                "jwt: { secret: too-short }",
                "config: []",
                "trustedProxies: [ingress-nginx]",
                "redis: { url: 'http://redis' }",
                "redis: { cluster: { nodes: [redis] } }",
                "redis: { host: redis }",
                "drain: { deadline: 10 }",
                "drain: { deadline: PT10S }",
                "drain: { deadline: 10 seconds }",
                "drain: { marginSeconds: 0 }",
                "rollout: { maxSurge: 0 }",
                "probes: { liveness: { path: /health } }",
                "management: { port: 8080 }",
                "management: { port: 80 }",
                "service: { type: ExternalName }",
                "ingress: { annotations: { a: 1 } }",
                "autoscaling: { enabled: 'yes' }",
                "sysctls: { safe: { net.core.somaxconn: '8192' } }",
                "loadTest: { urls: ['http://x'] }",
                "commonLabels: { app.kubernetes.io/name: other }",
            })
    void schemaRefuses(String values) {
        assertThatThrownBy(() -> Chart.render(values)).hasMessageContaining("values don't meet the specifications");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "replicaCount: 2 | two nodes that do not share a broker are two servers",
                "autoscaling: { enabled: true } | two nodes that do not share a broker are two servers",
                "{ redis: { enabled: true, url: 'redis://r' }, autoscaling: { enabled: true }, keda: { enabled: true, targetConnections: 0 } } | two would fight",
                "keda: { enabled: true, maxReplicas: 1, minReplicas: 1 } | keda.serverAddress",
                "redis: { enabled: true } | exactly one of",
                "redis: { enabled: true, url: 'redis://r', bundled: { enabled: true } } | exactly one of",
                "redis: { url: 'redis://r' } | set redis.enabled",
                "redis: { enabled: true, url: 'redis://:pw@r' } | has a login in it",
                "redis: { enabled: true, url: 'redis://r', password: a, existingSecret: b } | use one",
                "redis: { enabled: true, sentinel: { master: m } } | redis.sentinel.nodes",
                "redis: { enabled: true, sentinel: { master: m, nodes: ['s:1'], passwordKey: k } } | redis.existingSecret",
                "redis: { enabled: true, bundled: { enabled: true }, username: u } | the default user only",
                "redis: { enabled: true, bundled: { enabled: true }, tls: { enabled: true } } | no TLS",
                "rollout: { minReadySeconds: 600 } | above rollout.minReadySeconds",
                "service: { externalTrafficPolicy: Local } | for service.type",
                "config: { server.port: 80 } | set service.port",
                "config: { server: { ssl: { bundle: x } } } | set tls.secretName",
                "config: { starling: { drain: { deadline: 1m } } } | set drain.deadline",
                "config: { starling.security.jwt.secret: x } | set jwt.secret",
                "config: { starling.security.jwt.previousSecret: x } | set jwt.previousSecret",
                "jwt: { existingSecret: s, previousSecret: that-one-was-before-this-one-here } | set jwt.existingSecretPreviousKey",
                "config: { starling: { security: { trustedProxies: [10.0.0.1] } } } | set trustedProxies",
                "config: { spring.data.redis: { host: r } } | set redis.url",
                "config: { starling.limits.max-connections: 1, starling: { limits: { max-connections: 2 } } } | twice",
                "config: { starling.limits: { max-connections: 1, maxConnections: 2 } } | which are one property",
                "{ ingress: { enabled: true, timeoutSeconds: 40 } } | above the heartbeat",
                "{ ingress: { enabled: true }, config: { starling.heartbeat.interval: 90m } } | above the heartbeat",
                "{ ingress: { enabled: true }, config: { starling.heartbeat.interval: 1x } } | can't be understood",
                "httpRoute: { enabled: true } | httpRoute.parentRefs",
                "metrics: { serviceMonitor: { enabled: true } } | scope ops",
                "{ management: { port: 8081 }, metrics: { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } } } | read twice",
                "{ jwt: { existingSecret: s }, config: { spring.security.oauth2.resourceserver.jwt.issuer-uri: 'https://i' } } | use one",
                "{ jwt: { generate: false }, loadTest: { enabled: true } } | a key to log in",
            })
    void chartRefusesWhatCannotWorkAndSaysWhy(String values, String reason) {
        assertThatThrownBy(() -> Chart.render(values)).hasMessageContaining(reason);
    }

    @Test
    void everyValueIsInTheTableWithItsDefault() throws IOException {
        Map<String, String> values = new TreeMap<>();
        collect("", Manifests.tree(Files.readString(Chart.DIRECTORY.resolve("values.yaml"))), values);
        Map<String, String> table = new TreeMap<>();
        ROW.matcher(Files.readString(Chart.DIRECTORY.resolve("README.md")))
                .results()
                .forEach(row -> table.put(row.group(1), row.group(2) == null ? "" : row.group(2)));

        assertThat(table).isEqualTo(values);
    }

    @Test
    void chartInstallsTheVersionOfThisBuild() throws IOException {
        JsonNode chart = Manifests.tree(Files.readString(Chart.DIRECTORY.resolve("Chart.yaml")));

        assertThat(Files.readString(Path.of("pom.xml")))
                .contains("<artifactId>starling</artifactId>\n  <version>"
                        + chart.path("appVersion").asString() + "</version>");
    }

    /** Names and defaults; what has no names of ours in it is one value. */
    private static void collect(String name, JsonNode value, Map<String, String> into) {
        boolean isTree = value.isObject()
                && !value.isEmpty()
                && !name.matches(
                        "resources|.*\\.resources|.*[sS]ecurityContext|probes\\..*|.*\\.behavior|.*[lL]abels|.*\\.monitoringNamespace|sysctls\\.safe|sysctls\\.privileged\\.values");
        if (isTree) {
            value.propertyStream()
                    .forEach(property -> collect(
                            name.isEmpty() ? property.getKey() : name + "." + property.getKey(),
                            property.getValue(),
                            into));
        } else {
            into.put(name, value.isContainer() ? value.isEmpty() ? "" : "…" : value.asString());
        }
    }
}
