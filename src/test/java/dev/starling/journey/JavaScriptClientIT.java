package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The JavaScript client's own tests, {@code src/test/javascript/client}, against servers and a Redis of their own. */
class JavaScriptClientIT {

    private static final Duration BOUND = Duration.ofMinutes(5);

    @Test
    void clientSurvivesWhatItsTestsDoToIt() {
        NodeRuntime node = NodeRuntime.get();
        try (RedisServer redis = RedisServer.start();
                NodeRuntime.Script tests = node.run(NodeRuntime.environment(redis), "run.mjs", "client")) {
            assertThat(tests.awaitSuccess(BOUND)).contains("# fail 0", "# skipped 0");
        }
    }
}
