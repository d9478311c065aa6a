package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code .github/workflows} would release from a tag. */
class ReleaseIT {

    private static final Path WORKFLOWS = Path.of(".github", "workflows");
    private static final Path CLIENT = Path.of("src", "main", "javascript");
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void everyPushRunsWhatAMachineRuns() {
        JsonNode steps = ComposeFile.yaml(WORKFLOWS.resolve("ci.yml")).at("/jobs/verify/steps");

        assertThat(steps).anyMatch(step -> step.path("run").asString("").equals(".ci/run"));
        assertThat(Path.of(".ci", "run")).isExecutable();
    }

    @Test
    void tagSetsTheVersionOfTheJarAndTheImageOfTheChart() throws IOException {
        for (String file : List.of("pom.xml", "helm/starling/values.yaml")) {
            Path copy = directory.resolve(file);
            Files.createDirectories(Objects.requireNonNull(copy.getParent()));
            Files.copy(Path.of(file), copy);
        }

        run(directory, step("Set the version to that of the tag"));

        assertThat(Files.readString(directory.resolve("pom.xml")))
                .contains("<artifactId>starling</artifactId>\n  <version>1.2.3</version>");
        assertThat(Files.readString(directory.resolve("helm/starling/values.yaml")))
                .contains("\n  repository: registry.example/someone/starling\n");
        assertThat(Files.readString(directory.resolve("environment")))
                .contains("VERSION=1.2.3\n", "IMAGES=registry.example/someone/starling\n");
    }

    @Test
    void npmPackageIsCompleteByItself() throws IOException {
        RealParts.program("npm");
        Set<String> sources = files(CLIENT);
        for (String file : sources) {
            Files.copy(CLIENT.resolve(file), directory.resolve(file));
        }

        run(directory, step("npm package").replaceAll("(?m)^npm publish .*$", ""));
        JsonNode packed = json(run(directory, "npm pack --dry-run --json 2>/dev/null"));
        JsonNode manifest = json(Files.readString(directory.resolve("package.json")));

        Set<String> names = StreamSupport.stream(packed.at("/0/files").spliterator(), false)
                .map(file -> file.path("path").asString())
                .collect(Collectors.toSet());
        assertThat(names).isEqualTo(sources).contains("LICENSE", "README.md", "package.json", "index.d.ts");
        assertThat(manifest.path("version").asString()).isEqualTo("1.2.3");
        assertThat(manifest.at("/repository/url").asString()).isEqualTo("git+https://git.example/Someone/starling.git");
        assertThat(manifest.path("homepage").asString()).isEqualTo("https://git.example/Someone/starling#readme");
        assertThat(manifest.at("/bugs/url").asString()).isEqualTo("https://git.example/Someone/starling/issues");
    }

    @Test
    void npmPackageHasTheLicenceAndNoLinkOutOfIt() throws IOException {
        assertThat(CLIENT.resolve("LICENSE")).hasSameTextualContentAs(Path.of("LICENSE"));
        assertThat(Files.readString(CLIENT.resolve("README.md"))).doesNotContain("](../");
    }

    private static Set<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    /** The commands of a step of the release. */
    private static String step(String name) {
        JsonNode steps = ComposeFile.yaml(WORKFLOWS.resolve("release.yml")).at("/jobs/release/steps");
        return StreamSupport.stream(steps.spliterator(), false)
                .filter(step -> step.path("name").asString("").equals(name))
                .map(step -> step.required("run").asString())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no step " + name));
    }

    private static String run(Path directory, String commands) {
        Map<String, String> environment = Map.of(
                "GITHUB_REF_NAME", "v1.2.3",
                "GITHUB_REPOSITORY", "Someone/starling",
                "GITHUB_SERVER_URL", "https://git.example",
                "GITHUB_ENV", "environment",
                "REGISTRY", "registry.example",
                "VERSION", "1.2.3");
        try (NodeRuntime.Script script =
                NodeRuntime.start(directory, environment, List.of("bash", "-euo", "pipefail", "-c", commands))) {
            return script.awaitSuccess(BOUND);
        }
    }
}
