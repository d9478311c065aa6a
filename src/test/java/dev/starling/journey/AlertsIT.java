package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The alert rules and the dashboard, by Prometheus' own tool and against what a node really exports. */
class AlertsIT {

    private static final Path FILES = Path.of("helm", "starling", "files");
    private static final Path RULES = FILES.resolve("alerts.yaml");
    private static final Path DASHBOARD = FILES.resolve("dashboard.json");
    private static final Path RULE_TESTS = Path.of("src", "test", "prometheus", "alerts.test.yaml");
    private static final Path RUNBOOKS = Path.of("src", "docs", "operations.md");
    private static final Duration BOUND = Duration.ofSeconds(60);

    /** Of Kubernetes, where there is one. */
    private static final Set<String> FOREIGN =
            Set.of("container_memory_working_set_bytes", "kube_pod_container_resource_limits");

    private static final Pattern METRIC =
            Pattern.compile("\\b(ws|jvm|process|system|container|kube|http|lettuce)_[a-z_]+");
    private static final Pattern ALERT = Pattern.compile("alert: (\\w+)");
    private static final Pattern RUNBOOK = Pattern.compile("runbook: src/docs/operations\\.md#(\\w+)");

    @Test
    void rulesFireAndDoNotFireAsTheyShould() {
        promtool("check", "rules", RULES.toString());
        promtool("test", "rules", RULE_TESTS.toString());
    }

    @Test
    void eachAlertHasATestThatItFiresAndARunbook() {
        Set<String> alerts = all(ALERT, RULES, match -> match.group(1));
        assertThat(alerts).hasSizeGreaterThan(10);
        assertThat(read(RULE_TESTS)).contains(alerts);
        assertThat(all(RUNBOOK, RULES, match -> match.group(1)))
                .containsExactlyInAnyOrderElementsOf(alerts.stream()
                        .map(alert -> alert.toLowerCase(Locale.ROOT))
                        .toList());
        assertThat(headings()).containsAll(alerts);
    }

    private static List<String> headings() {
        return read(RUNBOOKS)
                .lines()
                .filter(line -> line.startsWith("### "))
                .map(line -> line.substring(4))
                .toList();
    }

    @Test
    void eachMetricIsOneThatANodeExports() {
        try (RedisServer redis = RedisServer.start();
                // So little room for what is new that it collects while it starts, and has a meter of that.
                ServerProcess node = Nodes.launch(List.of("spring.data.redis.port=" + redis.port()))
                        .jvm("-Xmx256m", "-Xmn8m")
                        .start()) {
            Predicate<String> isMissing = isMissing(node);
            for (Path file : List.of(RULES, DASHBOARD)) {
                Set<String> named = all(METRIC, file, MatchResult::group);
                assertThat(named).as("metrics in %s", file).hasSizeGreaterThan(10);
                assertThat(named)
                        .as("unknown metrics in %s", file)
                        .filteredOn(isMissing)
                        .isEmpty();
            }
            assertThat(exported(node))
                    .as("series without a value")
                    .filteredOn(line -> line.matches("ws_.* NaN"))
                    .isEmpty();
        }
    }

    private static Predicate<String> isMissing(ServerProcess node) {
        Set<String> exported = exported(node).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceFirst("[{ ].*", ""))
                .collect(Collectors.toSet());
        return metric -> !exported.contains(metric) && !FOREIGN.contains(metric);
    }

    private static List<String> exported(ServerProcess node) {
        String token = Tokens.standard().scope("ops").sign();
        return node.get("/actuator/prometheus", "Authorization", "Bearer " + token)
                .body()
                .lines()
                .toList();
    }

    private static Set<String> all(Pattern pattern, Path file, Function<MatchResult, String> part) {
        return pattern.matcher(read(file)).results().map(part).collect(Collectors.toCollection(TreeSet::new));
    }

    private static void promtool(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(RealParts.program("promtool").toString()));
        command.addAll(List.of(arguments));
        try (NodeRuntime.Script tool = NodeRuntime.start(Path.of("."), Map.of(), command)) {
            assertThat(tool.awaitSuccess(BOUND)).contains("SUCCESS");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
