package dev.starling.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kubernetes.client.util.Yaml;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the chart makes, of each set of values in src/test/helm. */
class ChartTests {

    @AfterEach
    void forget() {
        FakeCluster.shared().forget();
    }

    static List<String> matrix() {
        return Chart.matrix();
    }

    @Test
    void helmLintFindsNothing() {
        assertThat(Chart.lint().isFailed()).isFalse();
        assertThat(Chart.lint().getMessages())
                .filteredOn(message -> !message.contains("icon is recommended"))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void kubernetesKnowsEveryField(String set) {
        assertThat(Chart.renderSet(set).texts()).isNotEmpty().allSatisfy(text -> {
            JsonNode object = Manifests.tree(text);
            if (CustomResources.has(object)) {
                assertThat(CustomResources.faults(object)).isEmpty();
            } else {
                assertThat(Yaml.load(text)).isNotNull();
            }
        });
    }

    @Test
    void fieldThatKubernetesDoesNotKnowWouldBeFound() {
        assertThatThrownBy(() -> Yaml.load("{apiVersion: v1, kind: Pod, spec: {containres: []}}"))
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "everything | ServiceMonitor | /spec/endpoints/0",
                "management-port | PodMonitor | /spec/podMetricsEndpoints/0",
                "everything | PrometheusRule | /spec/groups/0/rules/0",
                "everything | HTTPRoute | /spec/rules/0/timeouts",
                "keda | ScaledObject | /spec/advanced/horizontalPodAutoscalerConfig/behavior/scaleDown",
            })
    void fieldThatACustomResourceDoesNotKnowWouldBeFound(String set, String kind, String path) {
        JsonNode object = Chart.renderSet(set).one(kind);
        ((ObjectNode) object.at(path)).put("intervall", "15s");

        assertThat(CustomResources.faults(object)).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void namesAreValidAndTheirOwn(String set) {
        Manifests manifests = Chart.renderSet(set);

        assertThat(manifests.all().map(object -> object.path("kind").asString() + " " + name(object)))
                .doesNotHaveDuplicates();
        assertThat(manifests.all()).allSatisfy(object -> {
            assertThat(name(object)).matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
            assertThat(strings(object.at("/metadata/labels")).values())
                    .allMatch(value -> value.matches("([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?"));
        });
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void selectorsFindThePodsThatTheyMeanAndNoOthers(String set) {
        Manifests manifests = Chart.renderSet(set);
        List<JsonNode> pods = Stream.concat(
                        manifests.kind("Pod"),
                        manifests
                                .all()
                                .map(object -> object.at("/spec/template"))
                                .filter(JsonNode::isObject))
                .toList();

        assertThat(selectors(manifests))
                .isNotEmpty()
                .allSatisfy(selector -> assertThat(pods)
                        .filteredOn(pod ->
                                strings(pod.at("/metadata/labels")).entrySet().containsAll(selector.entrySet()))
                        .hasSize(1));
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void notesSayHowToTestAndWhereTheWebSocketIs(String set) {
        assertThat(Chart.notes(set))
                .contains("helm test push --namespace live")
                .contains("ws")
                .doesNotContain("<no value>", "nil");
    }

    @Test
    void longNamesAreCut() {
        Manifests manifests = Chart.render("{ redis: { enabled: true, bundled: { enabled: true } }, fullnameOverride: "
                + "long-".repeat(30) + "name }");

        assertThat(manifests.all())
                .allSatisfy(object -> assertThat(name(object)).hasSizeLessThan(64));
        // Of its name and a dash and ten digits Kubernetes makes a label of the pods.
        assertThat(name(manifests.one("StatefulSet"))).hasSizeLessThanOrEqualTo(52);
    }

    @Test
    void secretThatWasMadeAtInstallationIsKept() {
        String first = jwtSecret(Chart.render("{}"));
        String second = jwtSecret(Chart.render("{}"));
        FakeCluster.shared().hasJwtSecret("the one of the installation, which clients have tokens of");

        assertThat(first).hasSize(64).isNotEqualTo(second);
        assertThat(jwtSecret(Chart.render("{}")))
                .isEqualTo("the one of the installation, which clients have tokens of");
        assertThat(jwtSecret(Chart.render("jwt: { secret: another-one-that-is-given-by-the-values }")))
                .isEqualTo("another-one-that-is-given-by-the-values");
    }

    @Test
    void existingSecretOfTheSameNameIsLeftAlone() {
        assertThat(Chart.render("jwt: { existingSecret: push-starling }").kind("Secret"))
                .isEmpty();
    }

    @Test
    void alertsAndDashboardsAreTakenAsTheyAre(@TempDir Path copy) throws Exception {
        Chart.copyTo(copy);
        String alerts = """
                groups:
                  - name: a
                    rules:
                      - alert: Down
                        expr: up == 0
                        annotations: { summary: '{{ $labels.pod }} is down' }
                """;
        String dashboard = "{\n  \"title\": \"{{pod}} $__interval\"\n}\n";
        Files.createDirectories(copy.resolve("files"));
        Files.writeString(copy.resolve("files/alerts.yaml"), alerts);
        Files.writeString(copy.resolve("files/dashboard.json"), dashboard);

        Manifests manifests =
                Chart.render(copy, "{prometheusRule: {enabled: true}, dashboard: {enabled: true}}", Chart.KUBERNETES);

        assertThat(manifests.one("PrometheusRule").path("spec")).isEqualTo(Manifests.tree(alerts));
        assertThat(manifests
                        .one("ConfigMap", "-dashboard")
                        .at("/data/starling.json")
                        .asString())
                .isEqualToIgnoringNewLines(dashboard);
    }

    @ParameterizedTest
    @CsvSource({"alerts.yaml, PrometheusRule", "dashboard.json, ConfigMap"})
    void chartWithoutTheFileHasNoSuchObject(String file, String kind, @TempDir Path copy) throws Exception {
        Chart.copyTo(copy);
        Files.deleteIfExists(copy.resolve("files").resolve(file));

        Manifests manifests =
                Chart.render(copy, "{prometheusRule: {enabled: true}, dashboard: {enabled: true}}", Chart.KUBERNETES);

        assertThat(manifests.kind(kind).map(ChartTests::name))
                .doesNotContain("push-starling-dashboard")
                .hasSize(kind.equals("ConfigMap") ? 1 : 0);
    }

    @Test
    void oldKubernetesIsRefused() {
        assertThatThrownBy(() -> Chart.render(Chart.DIRECTORY, "{}", "1.31.4")).hasMessageContaining("kubeVersion");
    }

    private static String jwtSecret(Manifests manifests) {
        String encoded = manifests.one("Secret").at("/data/jwt-secret").asString();
        return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    }

    private static String name(JsonNode object) {
        return object.at("/metadata/name").asString();
    }

    private static Map<String, String> strings(JsonNode object) {
        return object.propertyStream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().asString()));
    }

    /** Of services, budgets, policies and monitors of pods; those of monitors of services mean services. */
    private static List<Map<String, String>> selectors(Manifests manifests) {
        Set<String> byLabels = Set.of("Deployment", "StatefulSet", "PodDisruptionBudget", "PodMonitor");
        return manifests
                .all()
                .flatMap(object -> switch (object.path("kind").asString()) {
                    case "Service" -> Stream.of(object.at("/spec/selector"));
                    case "NetworkPolicy" -> Stream.of(object.at("/spec/podSelector/matchLabels"));
                    default ->
                        byLabels.contains(object.path("kind").asString())
                                ? Stream.of(object.at("/spec/selector/matchLabels"))
                                : Stream.empty();
                })
                .map(ChartTests::strings)
                .toList();
    }
}
