package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Event streams as a real browser reads them, {@code src/test/javascript/events}. */
class EventSourceIT {

    private static final Duration BOUND = Duration.ofMinutes(5);

    @Test
    void browserListensAndComesBackByItself() {
        NodeRuntime node = NodeRuntime.get();
        String chromium = RealParts.program("chromium", "chromium-browser", "google-chrome")
                .toString();
        try (RedisServer redis = RedisServer.start()) {
            Map<String, String> environment = new HashMap<>(NodeRuntime.environment(redis));
            environment.put("STARLING_CHROMIUM", chromium);
            try (NodeRuntime.Script tests = node.run(environment, "run.mjs", "events")) {
                assertThat(tests.awaitSuccess(BOUND)).contains("# fail 0", "# skipped 0");
            }
        }
    }
}
