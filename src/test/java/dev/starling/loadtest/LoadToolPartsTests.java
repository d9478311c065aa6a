package dev.starling.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Objects;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** The small parts of the load tool. */
class LoadToolPartsTests {

    private static final String SECRET = "a-secret-of-at-least-thirty-two-bytes";

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
    void tokensAreSignedForEachUser() throws Exception {
        String token = Objects.requireNonNull(Tokens.signed(SECRET).of(7));
        String[] parts = token.split("\\.", -1);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] signature = mac.doFinal((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));

        assertThat(Base64.getUrlDecoder().decode(parts[2])).isEqualTo(signature);
        assertThat(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8))
                .contains("\"sub\":\"load-7\"", "\"channels\":[\"*\"]", "\"publish\":[\"*\"]");
        assertThatThrownBy(() -> Tokens.signed("short")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void answersAreRead() {
        byte[] answer = "HTTP/1.1 503 Busy\r\nretry-after: 12\r\nSec-WebSocket-Accept: abc=\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII);

        assertThat(Upgrade.end(answer, 0, answer.length)).isEqualTo(answer.length);
        assertThat(Upgrade.answer(answer, 0, answer.length)).isEqualTo(new Upgrade.Answer(503, "abc=", 12));
    }

    @Test
    void theServerMustAnswerToTheKeyThatWasSent() throws Exception {
        Target target = Target.of("ws://localhost:8080/ws");
        String request = new String(Upgrade.request(target, null, 7), StandardCharsets.US_ASCII);
        String key = request.replaceAll("(?s).*Sec-WebSocket-Key: (\\S+)\r\n.*", "$1");
        byte[] wanted = MessageDigest.getInstance("SHA-1")
                .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));

        assertThat(Base64.getDecoder().decode(key)).hasSize(16);
        assertThat(Base64.getDecoder().decode(Upgrade.accept(7))).isEqualTo(wanted);
    }

    @Test
    void membersAreFoundInAFrame() {
        byte[] frame = "{\"type\":\"message\",\"channel\":\"load:3\",\"data\":{\"n\":42,\"t\":-5},\"offset\":18}"
                .getBytes(StandardCharsets.US_ASCII);
        ServerText text = new ServerText();
        text.set(frame, 0, frame.length);

        assertThat(text.is(Words.MESSAGE)).isTrue();
        assertThat(text.is(Words.PONG)).isFalse();
        assertThat(text.text(Words.CHANNEL)).isEqualTo("load:3");
        assertThat(text.number(Words.SEQUENCE)).isEqualTo(42);
        assertThat(text.number(Words.INTENDED)).isEqualTo(-5);
        assertThat(text.number(Words.OFFSET)).isEqualTo(18);
        assertThat(text.number(Words.CODE)).isEqualTo(ServerText.NONE);
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
    void planCountsTheSubscribersOfEachChannel() {
        ChannelPlan plan = new ChannelPlan("c", 7, 3);
        for (int channel = 0; channel < 7; channel++) {
            String name = plan.name(channel);
            long counted = IntStream.range(0, 10)
                    .filter(client -> IntStream.range(0, 3)
                            .anyMatch(i -> plan.channel(client, i).equals(name)))
                    .count();
            assertThat(plan.subscribers(channel, 10)).isEqualTo(counted);
        }
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
