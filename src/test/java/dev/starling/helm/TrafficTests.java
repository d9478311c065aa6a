package dev.starling.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** How clients, Prometheus and the pods themselves come to where they want to. */
class TrafficTests {

    static List<String> matrix() {
        return Chart.matrix();
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void portsThatAreNamedAreThoseOfTheContainer(String set) {
        Manifests manifests = Chart.renderSet(set);
        List<String> ports = manifests
                .container()
                .path("ports")
                .valueStream()
                .map(port -> port.path("name").asString())
                .toList();

        assertThat(manifests
                        .kind("Service")
                        .filter(service ->
                                !service.at("/metadata/name").asString().endsWith("-redis"))
                        .flatMap(service -> service.at("/spec/ports").valueStream())
                        .map(port -> port.path("targetPort").asString()))
                .isNotEmpty()
                .isSubsetOf(ports);
        assertThat(manifests.container().at("/ports/0/containerPort").asString())
                .isEqualTo(manifests.properties().get("server.port"));
        assertThat(manifests.container().at("/ports/1/containerPort").asString(null))
                .isEqualTo(manifests.properties().get("management.server.port"));
    }

    @Test
    void ingressKeepsSilentConnectionsAndSessionsOfAnAddressTogether() {
        JsonNode annotations = Chart.renderSet("everything").one("Ingress").at("/metadata/annotations");

        assertThat(annotations
                        .path("nginx.ingress.kubernetes.io/upstream-hash-by")
                        .asString())
                .isEqualTo("$arg_session_id$remote_addr");
        assertThat(annotations
                        .path("nginx.ingress.kubernetes.io/proxy-read-timeout")
                        .asString())
                .isEqualTo("3600");
        assertThat(annotations
                        .path("nginx.ingress.kubernetes.io/backend-protocol")
                        .asString())
                .isEqualTo("HTTPS");
        assertThat(annotations
                        .path("nginx.ingress.kubernetes.io/limit-connections")
                        .asString())
                .isEqualTo("50");
    }

    @Test
    void ingressWithoutHostsIsForAll() {
        JsonNode ingress = Chart.render("ingress: { enabled: true }").one("Ingress");

        assertThat(ingress.at("/spec/rules")).hasSize(1);
        assertThat(ingress.at("/spec/rules/0/host").isMissingNode()).isTrue();
        assertThat(ingress.at("/metadata/annotations").has("nginx.ingress.kubernetes.io/upstream-hash-by"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "everything, 6380",
        "bundled-redis, 6379",
        "redis-cluster-tls, '6379,7000'",
        "redis-sentinel, '6379,26379,6390'",
    })
    void podsReachNamesAndRedis(String set, String ports) {
        JsonNode egress =
                Chart.renderSet(set).one("NetworkPolicy", "push-starling").at("/spec/egress");

        assertThat(ports(egress.get(0))).isEqualTo("53,53");
        assertThat(ports(egress.get(1))).isEqualTo(ports);
    }

    @Test
    void podsWithoutRedisReachNamesOnly() {
        assertThat(Chart.renderSet("management-port").one("NetworkPolicy").at("/spec/egress"))
                .hasSize(1);
    }

    @Test
    void clientsComeInFromWhereTheyMayAndSoDoesTheTest() {
        JsonNode from = Chart.renderSet("everything").one("NetworkPolicy").at("/spec/ingress/0/from");

        assertThat(from).hasSize(2);
        assertThat(from.at("/0/namespaceSelector/matchLabels").toString()).contains("ingress-nginx");
        assertThat(from.at("/1/podSelector/matchLabels").toString()).contains("loadtest");
        assertThat(Chart.renderSet("management-port")
                        .one("NetworkPolicy")
                        .at("/spec/ingress/0")
                        .has("from"))
                .isFalse();
    }

    @Test
    void managementPortIsForTheNamespaceThatMonitors() {
        JsonNode rule = Chart.renderSet("management-port").one("NetworkPolicy").at("/spec/ingress/1");

        assertThat(ports(rule)).isEqualTo("management");
        assertThat(rule.at("/from/0/namespaceSelector/matchLabels").toString()).contains("monitoring");
        assertThat(Chart.renderSet("management-port")
                        .one("Service", "push-starling")
                        .at("/spec/ports"))
                .hasSize(1);
    }

    @Test
    void metricsAreReadWithATokenOrOnTheirOwnPort() {
        JsonNode shared = Chart.renderSet("everything").one("ServiceMonitor").at("/spec/endpoints/0");
        JsonNode split = Chart.renderSet("management-port").one("PodMonitor").at("/spec/podMetricsEndpoints/0");

        assertThat(shared.at("/authorization/credentials/name").asString()).isEqualTo("ops-token");
        assertThat(shared.path("port").asString()).isEqualTo("http");
        assertThat(split.path("port").asString()).isEqualTo("management");
        assertThat(split.has("authorization")).isFalse();
    }

    @Test
    void metricsAreReadByTlsWhereTheServerEndsItItself() {
        JsonNode shared = Chart.renderSet("everything").one("ServiceMonitor").at("/spec/endpoints/0");
        JsonNode split = Chart.render(
                        "{ tls: { secretName: t }, management: { port: 8081 }, metrics: { podMonitor: { enabled: true } } }")
                .one("PodMonitor")
                .at("/spec/podMetricsEndpoints/0");

        assertThat(shared.path("scheme").asString()).isEqualTo("https");
        assertThat(split.path("scheme").asString()).isEqualTo("https");
    }

    private static String ports(JsonNode rule) {
        return String.join(
                ",",
                rule.path("ports")
                        .valueStream()
                        .map(port -> port.path("port").asString())
                        .toList());
    }
}
