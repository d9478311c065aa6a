package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A node that may open fewer files than it admits connections, as in an engine without rights. */
@EnabledOnOs(OS.LINUX)
class DescriptorsIT {

    @TempDir
    private Path directory;

    /** From the jar as the build has made it. */
    @Test
    void nodeThatMayOpenTooFewFilesWarns() {
        assertThat(logOfStart(ServerImage.plainJar(), 1100, 1000))
                .contains("transport.few_descriptors", "descriptors=\"1100\"", "maxConnections=\"1000\"");
    }

    @Test
    void nodeThatMayOpenEnoughDoesNot() {
        assertThat(logOfStart(ServerImage.get().jar(), 1300, 1000)).doesNotContain("few_descriptors");
        assertThat(logOfStart(ServerImage.get().jar(), 1300, 0)).as("no limit").doesNotContain("few_descriptors");
    }

    private String logOfStart(Path jar, int files, int maxConnections) {
        String line = "ulimit -n %d && exec %s %s -jar %s --server.port=%d --starling.limits.max-connections=%d"
                .formatted(
                        files,
                        ServerImage.java(),
                        String.join(" ", ServerImage.get().flags()),
                        jar.toAbsolutePath(),
                        ServerLaunch.freePort(),
                        maxConnections);
        try (NodeRuntime.Script node = NodeRuntime.start(directory, Map.of(), List.of("sh", "-c", line))) {
            Awaitility.await("started")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> node.output().text().contains("Started StarlingApplication"));
            return node.output().text();
        }
    }
}
