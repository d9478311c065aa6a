package dev.starling.redis.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.broker.PeerReply;
import dev.starling.redis.link.UnreadableEnvelopeException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PeerCodecTests {

    private static final byte[] BODY = {0, -1, ':', '\n', 127};
    private static final PeerCodec.Envelope.Question QUESTION =
            new PeerCodec.Envelope.Question(Long.MIN_VALUE, "1a2b3c", Integer.MAX_VALUE, 60_000, BODY);

    @Test
    void questionIsReadAsItWasWritten() throws UnreadableEnvelopeException {
        assertThat(PeerCodec.decode(PeerCodec.encode(QUESTION)))
                .usingRecursiveComparison()
                .isEqualTo(QUESTION);
    }

    @Test
    void answerIsReadAsItWasWritten() throws UnreadableEnvelopeException {
        PeerCodec.Envelope.Answer answer = new PeerCodec.Envelope.Answer(-1, null, BODY);

        assertThat(PeerCodec.decode(PeerCodec.encode(answer)))
                .usingRecursiveComparison()
                .isEqualTo(answer);
    }

    @ParameterizedTest
    @EnumSource(PeerReply.Reason.class)
    void whyThereIsNoAnswerIsReadAsItWasWritten(PeerReply.Reason reason) throws UnreadableEnvelopeException {
        PeerCodec.Envelope.Answer answer = new PeerCodec.Envelope.Answer(1, reason, new byte[0]);

        assertThat(PeerCodec.decode(PeerCodec.encode(answer)))
                .usingRecursiveComparison()
                .isEqualTo(answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "x", "1x", "0q12345678", "1a12345678?", "1a1234567", "1q", "q1"})
    void whatIsNoEnvelopeIsForeign(String text) {
        assertUnreadable(text.getBytes(StandardCharsets.ISO_8859_1), false);
    }

    @Test
    void questionOfWhichTheBeginningIsMissingOrWrongIsForeign() {
        byte[] envelope = PeerCodec.encode(QUESTION);
        int header = envelope.length - BODY.length;
        for (int length = 0; length < header; length++) {
            assertUnreadable(Arrays.copyOf(envelope, length), false);
        }
        assertUnreadable(PeerCodec.encode(new PeerCodec.Envelope.Question(1, "a b", 1, 1, BODY)), false);
        assertUnreadable(PeerCodec.encode(new PeerCodec.Envelope.Question(1, "a", -1, 1, BODY)), false);
        assertUnreadable(PeerCodec.encode(new PeerCodec.Envelope.Question(1, "a", 1, 0, BODY)), false);
        assertUnreadable(PeerCodec.encode(new PeerCodec.Envelope.Question(1, "a", 1, 60_001, BODY)), false);
    }

    @Test
    void envelopeOfALaterVersionIsNewer() {
        assertUnreadable("2q".getBytes(StandardCharsets.ISO_8859_1), true);
        assertUnreadable("9?".getBytes(StandardCharsets.ISO_8859_1), true);
    }

    @Test
    void anyBytesAreReadOrRefused() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            byte[] envelope = new byte[random.nextInt(40)];
            random.nextBytes(envelope);
            if (envelope.length > 1) {
                envelope[0] = '1';
                envelope[1] = (byte) (random.nextBoolean() ? 'a' : 'q');
            }
            try {
                assertThat(PeerCodec.decode(envelope)).isNotNull();
            } catch (UnreadableEnvelopeException e) {
                assertThat(e.isNewer()).isFalse();
            }
        }
    }

    private static void assertUnreadable(byte[] envelope, boolean isNewer) {
        assertThatThrownBy(() -> PeerCodec.decode(envelope))
                .isInstanceOfSatisfying(
                        UnreadableEnvelopeException.class,
                        unreadable -> assertThat(unreadable.isNewer()).isEqualTo(isNewer));
    }
}
