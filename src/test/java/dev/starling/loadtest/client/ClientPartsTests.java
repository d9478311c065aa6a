package dev.starling.loadtest.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Objects;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The small parts of a client. */
class ClientPartsTests {

    private static final String SECRET = "a-secret-of-at-least-thirty-two-bytes";

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
}
