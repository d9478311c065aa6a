package dev.starling.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line, as far as nothing is connected. */
class LoadTestTests {

    private static final int WRONG_USE = 2;

    @ParameterizedTest
    @ValueSource(strings = {"", "ramp", "fanout", "publish", "ping", "storm", "slow", "soak", "drain"})
    void everyScenarioHasHelp(String scenario) {
        assertThat(run(scenario + " --help")).isEqualTo(Scenario.FINE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "storms",
                "ramp --connections many",
                "ramp --subscriptions 3 --channels 2",
                "ramp --pid 999999999",
                "ramp --live-heap",
                "ramp --prefix a\"b",
                "ramp --url http://localhost/ws",
                "ramp --token a --secret b",
                "ramp --max-failures -1",
                "ramp --actuator http://localhost:1/actuator",
                "fanout --channels 1 --subscriptions 2",
                "fanout --publish-rate 10 --in-flight 1",
                "fanout --in-flight 40000",
                "ping --connections 0",
                "ping --ping-rate 10 --in-flight 1",
                "storm --publishers 0",
                "storm --channels 0",
                "storm --publish-rate 0",
                "slow --share 1",
                "slow --connections 1",
                "slow --publish-rate 0",
                "soak --duration 5s --sample 5s",
                "soak --max-slope 1",
                "drain"
            })
    void whatMakesNoSenseIsRefusedBeforeAnythingIsConnected(String words) {
        assertThat(run(words)).isEqualTo(WRONG_USE);
    }

    private static int run(String words) {
        return LoadTest.run(
                Stream.of(words.split(" ")).filter(word -> !word.isEmpty()).toArray(String[]::new));
    }
}
