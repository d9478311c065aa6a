package dev.starling.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.convert.DurationStyle;
import tools.jackson.databind.JsonNode;

/** How the chart has pods start, run and leave. */
class PodTests {

    private static final Pattern SETTING = Pattern.compile("(?m)^([a-z][a-z0-9_.]+) = (.+)$");

    static List<String> matrix() {
        return Chart.matrix();
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void graceOutlastsPreStopAndDrain(String set) {
        Manifests manifests = Chart.renderSet(set);
        Duration drain =
                DurationStyle.detectAndParse(manifests.properties().getOrDefault("starling.drain.deadline", ""));
        long preStop =
                manifests.container().at("/lifecycle/preStop/sleep/seconds").asLong(0);

        assertThat(grace(manifests)).isGreaterThanOrEqualTo(preStop + drain.toSeconds() + 5);
    }

    @ParameterizedTest
    @CsvSource({"10s, 25", "1m, 75", "1500ms, 17", "500ms, 16", "1h, 3615", "0s, 15"})
    void graceIsTheSumInAnyUnit(String deadline, long seconds) {
        Manifests manifests =
                Chart.render("drain: { preStopSeconds: 8, deadline: " + deadline + ", marginSeconds: 7 }");

        assertThat(grace(manifests)).isEqualTo(seconds);
    }

    @Test
    void noPodIsMissingDuringAnUpdate() {
        JsonNode spec = Chart.render("{}").deployment().path("spec");

        assertThat(spec.at("/strategy/rollingUpdate/maxUnavailable").asInt()).isZero();
        assertThat(spec.at("/strategy/rollingUpdate/maxSurge").asInt()).isPositive();
        assertThat(spec.path("minReadySeconds").asInt()).isPositive();
    }

    @Test
    void changedConfigurationOrSecretReplacesPodsAndNothingElseDoes() {
        String secret = "jwt: { secret: one-secret-that-has-more-than-32-bytes }\n";
        JsonNode before = annotations(secret);

        assertThat(annotations(secret)).isEqualTo(before);
        assertThat(annotations(secret + "config: { starling.heartbeat.interval: 20s }")
                        .get("checksum/config"))
                .isNotEqualTo(before.get("checksum/config"));
        assertThat(annotations("jwt: { secret: other-secret-that-has-more-than-32-bytes }")
                        .get("checksum/secret"))
                .isNotEqualTo(before.get("checksum/secret"));
        assertThat(annotations("{}")).isEqualTo(annotations("{}"));
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void podsMayDoNothingThatTheyNeedNot(String set) {
        assertThat(Chart.renderSet(set).pods()).isNotEmpty().allSatisfy(pod -> {
            assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
            assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
            assertThat(pod.at("/securityContext/seccompProfile/type").asString())
                    .isEqualTo("RuntimeDefault");
            Stream<JsonNode> containers =
                    Stream.concat(elements(pod.path("containers")), elements(pod.path("initContainers")));
            assertThat(containers.filter(
                            container -> !container.path("name").asString().equals("sysctls")))
                    .allSatisfy(container -> {
                        JsonNode security = container.path("securityContext");
                        assertThat(security.path("allowPrivilegeEscalation").asBoolean(true))
                                .isFalse();
                        assertThat(security.path("readOnlyRootFilesystem").asBoolean())
                                .isTrue();
                        assertThat(security.at("/capabilities/drop/0").asString())
                                .isEqualTo("ALL");
                    });
        });
    }

    @Test
    void secretsAreInSecretsOnly() {
        Manifests manifests = Chart.renderSet("bundled-redis");

        assertThat(manifests.texts())
                .filteredOn(text -> text.contains("s3cret") || text.contains("a secret of the chart"))
                .isEmpty();
        assertThat(environment(manifests.container()))
                .containsEntry("STARLING_SECURITY_JWT_SECRET", "push-starling/jwt-secret")
                .containsEntry("STARLING_SECURITY_JWT_PREVIOUSSECRET", "push-starling/jwt-previous-secret")
                .containsEntry("SPRING_DATA_REDIS_PASSWORD", "push-starling/redis-password");
    }

    @Test
    void existingSecretsAreTakenByNameAndKey() {
        Manifests cluster = Chart.renderSet("redis-cluster-tls");
        Manifests sentinel = Chart.renderSet("redis-sentinel");

        assertThat(cluster.kind("Secret")).isEmpty();
        assertThat(environment(cluster.container()))
                .containsEntry("STARLING_SECURITY_JWT_SECRET", "tokens/hs256")
                .containsEntry("STARLING_SECURITY_JWT_PREVIOUSSECRET", "tokens/hs256-old")
                .containsEntry("SPRING_DATA_REDIS_PASSWORD", "redis-login/redis-password");
        assertThat(environment(sentinel.container()))
                .containsEntry("SPRING_DATA_REDIS_SENTINEL_PASSWORD", "redis-login/sentinel-password");
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void whateverIsMountedIsAVolume(String set) {
        assertThat(Chart.renderSet(set).pods()).allSatisfy(pod -> {
            Stream<JsonNode> claims = elements(pod.path("volumes"));
            assertThat(elements(pod.path("containers"))
                            .flatMap(container -> elements(container.path("volumeMounts")))
                            .map(mount -> mount.path("name").asString())
                            .filter(name -> !name.equals("data")))
                    .isSubsetOf(
                            claims.map(volume -> volume.path("name").asString()).toList());
        });
    }

    @Test
    void certificatesAreMountedWhereTheConfigurationLooks() {
        Manifests manifests = Chart.renderSet("redis-cluster-tls");
        List<String> mounts = elements(manifests.container().path("volumeMounts"))
                .map(mount -> "file:" + mount.path("mountPath").asString())
                .toList();

        assertThat(manifests.properties())
                .containsEntry("spring.data.redis.ssl.enabled", "true")
                .containsEntry("spring.data.redis.ssl.bundle", "redis");
        assertThat(manifests.properties().values())
                .filteredOn(value -> value.startsWith("file:"))
                .hasSize(3)
                .allSatisfy(file -> assertThat(mounts).contains(file.substring(0, file.lastIndexOf('/'))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hpa", "keda"})
    void autoscalerAloneDecidesHowManyPodsThereAre(String set) {
        assertThat(Chart.renderSet(set).deployment().at("/spec/replicas").isMissingNode())
                .isTrue();
    }

    @Test
    void autoscalersLookAtConnectionsToo() {
        JsonNode hpa = Chart.renderSet("hpa").one("HorizontalPodAutoscaler");
        JsonNode keda = Chart.renderSet("keda").one("ScaledObject");

        assertThat(hpa.at("/spec/metrics/1/pods/metric/name").asString()).isEqualTo("ws_connections_active");
        assertThat(hpa.at("/spec/metrics/1/pods/target/averageValue").asString())
                .isEqualTo("20000");
        assertThat(keda.at("/spec/triggers/1/metadata/query").asString())
                .isEqualTo("sum(ws_connections_active{namespace=\"live\",pod=~\"push-starling-[^-]+-[^-]+\"})");
        assertThat(keda.at("/spec/triggers/1/metadata/ignoreNullValues").asString())
                .isEqualTo("false");
        assertThat(keda.at("/spec/triggers/1/metadata/threshold").asString()).isEqualTo("1000000");
    }

    @Test
    void settingsOfTheKernelAreThoseOfTheFileForHosts() throws IOException {
        Map<String, String> host = SETTING.matcher(Files.readString(Path.of("src/main/os/90-starling.conf")))
                .results()
                .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
        JsonNode pod = Chart.render("sysctls: { privileged: { enabled: true } }")
                .deployment()
                .at("/spec/template/spec");

        assertThat(elements(pod.at("/securityContext/sysctls")))
                .hasSize(3)
                .allSatisfy(setting -> assertThat(host)
                        .containsEntry(
                                setting.path("name").asString(),
                                setting.path("value").asString()));
        assertThat(elements(pod.at("/initContainers/0/args"))).hasSize(3).allSatisfy(setting -> {
            int equals = setting.asString().indexOf('=');
            assertThat(host)
                    .containsEntry(
                            setting.asString().substring(0, equals),
                            setting.asString().substring(equals + 1));
        });
    }

    @Test
    void testSubscribesAndPublishesByTheImagesOwnTool() {
        JsonNode pod = Chart.render("config: { starling.websocket.path: /live }")
                .one("Pod", "-test")
                .path("spec");
        JsonNode tool = pod.at("/containers/0");

        assertThat(elements(tool.path("args")).map(JsonNode::asString))
                .startsWith("fanout")
                .contains("--url=ws://push-starling.live:80/live", "--secret=$(STARLING_SECURITY_JWT_SECRET)");
        assertThat(elements(tool.path("command")).map(JsonNode::asString)).endsWith("-jar", "loadtest.jar");
        assertThat(tool.path("image")).isEqualTo(Chart.render("{}").container().path("image"));
        assertThat(pod.at("/initContainers/0/args").toString()).isEqualTo("[\"push-starling.live\",\"80\"]");
    }

    @Test
    void testBringsATokenWhereAnIdentityProviderHasTheKeys() {
        Manifests manifests = Chart.renderSet("identity-provider");

        assertThat(manifests.kind("Secret")).isEmpty();
        assertThat(environment(manifests.container())).doesNotContainKey("STARLING_SECURITY_JWT_SECRET");
        assertThat(elements(manifests.one("Pod", "-test").at("/spec/containers/0/args"))
                        .map(JsonNode::asString))
                .contains("--token=$(TOKEN)");
    }

    private static long grace(Manifests manifests) {
        return manifests
                .deployment()
                .at("/spec/template/spec/terminationGracePeriodSeconds")
                .asLong();
    }

    private static JsonNode annotations(String values) {
        return Chart.render(values).deployment().at("/spec/template/metadata/annotations");
    }

    /** Variables that come from a Secret, with its name and key. */
    private static Map<String, String> environment(JsonNode container) {
        return elements(container.path("env"))
                .filter(variable -> variable.has("valueFrom"))
                .collect(Collectors.toMap(
                        variable -> variable.path("name").asString(),
                        variable -> variable.at("/valueFrom/secretKeyRef/name").asString() + "/"
                                + variable.at("/valueFrom/secretKeyRef/key").asString()));
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return array.valueStream();
    }
}
