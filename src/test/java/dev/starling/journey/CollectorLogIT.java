package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The script that compares collectors reads their logs right: its own tests, run by Node. */
class CollectorLogIT {

    private static final Path TESTS = Path.of("src", "test", "bench", "gc-log.test.js");

    @Test
    void pausesAreReadFromTheLogs() {
        NodeRuntime node = NodeRuntime.get();
        try (NodeRuntime.Script script =
                node.run("--test", "--test-reporter=tap", TESTS.toAbsolutePath().toString())) {
            String output = script.awaitSuccess(Duration.ofSeconds(30));

            assertThat(output).contains("# fail 0").doesNotContain("# pass 0");
        }
    }
}
