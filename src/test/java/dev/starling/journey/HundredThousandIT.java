package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The script that holds a hundred thousand connections, with a thousand. */
@EnabledOnOs(OS.LINUX)
@Tag("long")
class HundredThousandIT {

    private static final Path SCRIPT = Path.of("src", "test", "bench", "hundred-thousand.js");
    private static final Duration BOUND = Duration.ofMinutes(3);

    @Test
    void everyConnectionOfTwoNodesGetsEveryMessage() {
        NodeRuntime node = NodeRuntime.get();
        try (NodeRuntime.Script script = node.run(
                SCRIPT.toAbsolutePath().toString(),
                "--nodes=2",
                "--connections=1000",
                "--messages=20",
                "--rate=10",
                "--json")) {
            String output = script.awaitSuccess(BOUND);

            JsonNode report = new JsonMapper()
                    .readTree(output.lines()
                            .filter(line -> line.startsWith("{"))
                            .findFirst()
                            .orElseThrow());
            assertThat(report.get("established").asInt()).isEqualTo(1000);
            assertThat(report.get("delivered").asInt()).isEqualTo(20_000);
            assertThat(report.get("lost").asInt()).isZero();
            assertThat(report.get("memory")).hasSize(2);
        }
    }
}
