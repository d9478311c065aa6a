package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The JavaScript client's own tests, {@code src/test/javascript/client}, against servers and a Redis of their own. */
class JavaScriptClientIT {

    private static final Duration BOUND = Duration.ofMinutes(5);
    private static final Path CLIENT = Path.of("src", "main", "javascript", "index.js");

    @Test
    void clientSurvivesWhatItsTestsDoToIt() {
        NodeRuntime node = NodeRuntime.get();
        try (RedisServer redis = RedisServer.start();
                NodeRuntime.Script tests = node.run(environment(redis), "run.mjs", "client")) {
            assertThat(tests.awaitSuccess(BOUND)).contains("# fail 0", "# skipped 0");
        }
    }

    private static Map<String, String> environment(RedisServer redis) {
        return Map.of(
                "STARLING_JAR", System.getProperty("starling.jar"),
                "STARLING_JAVA",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "STARLING_CLIENT", CLIENT.toUri().toString(),
                "STARLING_REDIS_PORT", Integer.toString(redis.port()));
    }
}
