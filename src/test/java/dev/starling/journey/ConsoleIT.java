package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The journeys through the console in a real browser, {@code src/test/javascript/browser}. */
class ConsoleIT {

    private static final Duration BOUND = Duration.ofMinutes(5);
    private static final Pattern LINK = Pattern.compile("http://\\S+/console/#token=\\S+");

    @Test
    void consoleDoesWhatPeopleDoWithItInABrowser() {
        NodeRuntime node = NodeRuntime.get();
        String chromium = RealParts.program("chromium", "chromium-browser", "google-chrome")
                .toString();
        try (RedisServer redis = RedisServer.start();
                ServerProcess development = ServerLaunch.bare().start();
                NodeRuntime.Script tests = node.run(environment(redis, development, chromium), "run.mjs", "browser")) {
            assertThat(tests.awaitSuccess(BOUND)).contains("# fail 0", "# skipped 0");
        }
    }

    private static Map<String, String> environment(RedisServer redis, ServerProcess development, String chromium) {
        Map<String, String> environment = new HashMap<>(NodeRuntime.environment(redis));
        environment.put("STARLING_LINK", printedLink(development));
        environment.put("STARLING_CHROMIUM", chromium);
        return environment;
    }

    private static String printedLink(ServerProcess development) {
        String line = development.log().await(text -> LINK.matcher(text).find(), Duration.ofSeconds(10));
        Matcher link = LINK.matcher(line);
        assertThat(link.find()).isTrue();
        return link.group();
    }
}
