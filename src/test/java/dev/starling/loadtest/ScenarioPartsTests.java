package dev.starling.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.starling.loadtest.client.ChannelPlan;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** The small parts of scenarios. */
class ScenarioPartsTests {

    @Test
    void tooFewDescriptorsAreRefusedWithTheCommandThatRaisesThem() {
        assertThat(new Preflight(1000, 1024, 65_535).objection(2000, 0, 1))
                .hasValueSatisfying(text -> assertThat(text).contains("ulimit -n 2100"));
    }

    @Test
    void tooFewPortsAreRefusedUnlessThereAreAddressesOrTargets() {
        Preflight here = new Preflight(1_000_000, 32_768, 60_999);

        assertThat(here.objection(30_000, 0, 1))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("sysctl -w net.ipv4.ip_local_port_range=", "--source 127.0.0.2-127.0.0."));
        assertThat(here.objection(30_000, 2, 1)).isEmpty();
        assertThat(here.objection(30_000, 0, 2)).isEmpty();
    }

    @Test
    void publishFramesHaveThePayloadThatWasAskedFor() {
        PublishFrame frame = new PublishFrame(new ChannelPlan("load:", 10, 1), 200, true);
        frame.write(1, 2, 3, 4, 5);
        String text = new String(frame.bytes(), 0, frame.length(), StandardCharsets.US_ASCII);

        assertThat(text)
                .startsWith("{\"type\":\"publish\",\"channel\":\"load:2\",\"data\":{")
                .endsWith(",\"id\":5}");
        assertThat(text.substring(text.indexOf("\"data\":") + 7, text.indexOf(",\"id\"")))
                .hasSize(200);
    }

    @Test
    void slopeIsThatOfTheLine() {
        SoakScenario.Slope slope = new SoakScenario.Slope();
        IntStream.range(0, 10).forEach(x -> slope.add(x, 3 + 2.5 * x));
        assertThat(slope.perUnit()).isCloseTo(2.5, within(1e-9));
        assertThat(slope.isKnown()).isTrue();
    }

    @Test
    void onePointHasNoSlope() {
        SoakScenario.Slope slope = new SoakScenario.Slope();
        slope.add(1, 1);
        assertThat(slope.isKnown()).isFalse();
    }

    @Test
    void whatPassesALimitIsSaid() {
        Histogram times = new Histogram(1_000_000_000L, 3);
        times.recordValue(5_000_000);
        Verdict verdict = new Verdict(new Result("ramp").times("latency", times))
                .most("lost messages", 0, 0L)
                .p99(times, 4.0);

        assertThat(verdict.isFine()).isFalse();
        assertThat(verdict.finish().json())
                .contains("\"passed\":false", "\"complaints\":[\"p99 in ms", "\"scenario\":\"ramp\"");
    }
}
