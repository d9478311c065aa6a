package dev.starling.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Upgrades of a release that is there: what Kubernetes would refuse in the middle of one is refused before it begins. */
class UpgradeTests {

    private static final String BUNDLED =
            "{ fullnameOverride: push, nameOverride: '%s', redis: { enabled: true, bundled: { enabled: true, storage: '%s', storageClass: '%s' } } }";

    @AfterEach
    void forget() {
        FakeCluster.shared().forget();
    }

    @ParameterizedTest
    @CsvSource({
        "1Gi, '', 2Gi, ''",
        "2Gi, '', 1Gi, ''",
        "1Gi, '', '', ''",
        "'', '', 1Gi, ''",
        "1Gi, '', 1Gi, fast",
        "1Gi, fast, 1Gi, slow",
        "1Gi, fast, 1Gi, ''",
        "1G, '', 1Gi, ''"
    })
    void otherVolumeOfTheBundledRedisIsRefused(String was, String wasClass, String storage, String storageClass) {
        install(BUNDLED.formatted("", was, wasClass));

        assertThatThrownBy(() -> Chart.render(BUNDLED.formatted("", storage, storageClass)))
                .hasMessageContaining("redis.bundled.storage and .storageClass were \"%s\" and \"%s\"", was, wasClass)
                .hasMessageContaining("StatefulSet push-redis");
    }

    @ParameterizedTest
    @CsvSource({"1Gi, 1Gi", "'', ''", "1024Mi, 1Gi", "1Gi, 1024Mi", "0.5Gi, 512Mi", "1000M, 1G", "1073741824, 1Gi"})
    void sameVolumeIsTaken(String was, String storage) {
        install(BUNDLED.formatted("", was, ""));

        assertThat(Chart.render(BUNDLED.formatted("", storage, "")).kind("StatefulSet"))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"'', other", "one, other", "one, ''"})
    void otherNameInTheSelectorIsRefused(String was, String name) {
        install(BUNDLED.formatted(was, "", ""));

        assertThatThrownBy(() -> Chart.render(BUNDLED.formatted(name, "", "")))
                .hasMessageContaining(
                        "Deployment push was installed with the name " + (was.isEmpty() ? "starling" : was));
    }

    @Test
    void redisMayBeLeftOutAndComeBack() {
        install("{ fullnameOverride: push }");

        assertThat(Chart.render(BUNDLED.formatted("", "1Gi", "")).kind("StatefulSet"))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"1 Gi", "lots", "1GB", "-1Gi"})
    void storageThatIsNoQuantityIsRefused(String storage) {
        assertThatThrownBy(() -> Chart.render(BUNDLED.formatted("", storage, "")))
                .hasMessageContaining("storage");
    }

    private static void install(String values) {
        Manifests made = Chart.render(values);
        FakeCluster.shared().has(Stream.concat(made.kind("Deployment"), made.kind("StatefulSet")));
    }
}
