package dev.starling.redis.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.link.UnreadableEnvelopeException;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PublicationCodecTests {

    private static final ChannelName CHANNEL = new ChannelName("chat:1");

    @ParameterizedTest
    @ValueSource(strings = {"1", "\"é😀\"", "{\"a:b\":[1,2,3]}", " 1\n"})
    void aMessageWithoutHistoryComesBackAsItWas(String data) throws Exception {
        byte[] envelope = PublicationCodec.encode(data.getBytes(UTF_8), null);

        assertThat(envelope).asString(UTF_8).isEqualTo("1m" + data);
        assertPublication(PublicationCodec.decode(CHANNEL, envelope), data, null);
    }

    @ParameterizedTest
    @CsvSource({"e, 1", "1a2b3c, 18", "0123456789abc, 999999999999999999"})
    void aMessageWithAPositionComesBackAsItWas(String epoch, long offset) throws Exception {
        StreamPosition position = new StreamPosition(epoch, offset);
        String data = "{\"a\":\"é:\"}";

        byte[] envelope = PublicationCodec.encode(data.getBytes(UTF_8), position);

        assertThat(envelope).asString(UTF_8).isEqualTo("1p" + epoch + ":" + offset + ":" + data);
        assertPublication(PublicationCodec.decode(CHANNEL, envelope), data, position);
    }

    private static void assertPublication(Arrival arrival, String data, @Nullable StreamPosition position) {
        assertThat(arrival).isInstanceOfSatisfying(Publication.class, publication -> {
            assertThat(publication.channel()).isEqualTo(CHANNEL);
            assertThat(publication.data()).asString(UTF_8).isEqualTo(data);
            assertThat(publication.position()).isEqualTo(position);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "zoë, connection-1, 1764000000000, true",
        "'a:b', 'c:d é', 0, false",
        "'', '', 1, true",
        "1:2, 3, 4, false"
    })
    void whoCameOrWentComesBackAsItWas(String user, String connection, long since, boolean joined) throws Exception {
        PresenceChange change = new PresenceChange(CHANNEL, joined, new Member(user, connection, since));

        assertThat(PublicationCodec.decode(CHANNEL, PublicationCodec.encode(change)))
                .isEqualTo(change);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2m1", "2", "22", "9p...", "3z"})
    void anEnvelopeOfANewerVersionIsKnownAsOne(String envelope) {
        UnreadableEnvelopeException failure = catchThrowableOfType(
                UnreadableEnvelopeException.class, () -> PublicationCodec.decode(CHANNEL, envelope.getBytes(UTF_8)));

        if (envelope.length() > 1) {
            assertThat(failure.isNewer()).isTrue();
            assertThat(failure).hasMessageContaining(envelope.substring(0, 1));
        } else {
            assertThat(failure.isNewer()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "m",
                "hello",
                "{\"a\":1}",
                "0m1",
                ":m1",
                "1m",
                "1x1",
                "1M1",
                "1p",
                "1p:",
                "1pe",
                "1pe:",
                "1pe:1",
                "1pe:1:",
                "1p:1:x",
                "1pe::x",
                "1pe:x:1",
                "1pe:-1:1",
                "1pe:1.5:x",
                "1pe:1234567890123456789:x",
                "1p e:1:x",
                "1m1,\"channel\":\"admin:x\"",
                "1m{\"a\":1}{}",
                "1m[1",
                "1m1 2",
                "1mtext",
                "1m\u0000",
                "1m\uFEFF1",
                "1m\"\\ud800\"",
                "1pe:1:1,2",
                "1pe:1: ",
                "1j",
                "1j1",
                "1j1:",
                "1j1:5",
                "1j1:5:abcd",
                "1jx:1:ab",
                "1j1:x:ab",
                "1j1:-1:ab",
                "1l:1:ab",
                "1j1:999999999999999999:ab"
            })
    void whatSomebodyElseWroteIsRefused(String envelope) {
        assertThatExceptionOfType(UnreadableEnvelopeException.class)
                .isThrownBy(() -> PublicationCodec.decode(CHANNEL, envelope.getBytes(UTF_8)))
                .satisfies(failure -> assertThat(failure.isNewer()).isFalse())
                .satisfies(failure -> assertThat(failure.getStackTrace()).isEmpty());
    }

    @Test
    void valueIsRefusedThatIsNestedMoreDeeplyThanAnyFrameMayBe() throws Exception {
        PublicationCodec.decode(CHANNEL, ("1m" + "[".repeat(64) + "]".repeat(64)).getBytes(UTF_8));

        byte[] deep = ("1m" + "[".repeat(100_000) + "]".repeat(100_000)).getBytes(UTF_8);
        assertThatExceptionOfType(UnreadableEnvelopeException.class)
                .isThrownBy(() -> PublicationCodec.decode(CHANNEL, deep));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1m\"\u00ff\"", "1pe:1:\"\u00c0\u0080\"", "1j1:1:c\u00ff", "1l1:1:\u00ffu"})
    void whatIsNoUtf8IsRefused(String envelope) {
        byte[] bytes = envelope.getBytes(ISO_8859_1);

        assertThatExceptionOfType(UnreadableEnvelopeException.class)
                .isThrownBy(() -> PublicationCodec.decode(CHANNEL, bytes));
    }

    @Test
    void nameMayHaveTheCharacterThatStandsForBadBytes() throws Exception {
        PresenceChange change = new PresenceChange(CHANNEL, true, new Member("\uFFFD", "c", 1));

        assertThat(PublicationCodec.decode(CHANNEL, PublicationCodec.encode(change)))
                .isEqualTo(change);
    }

    @Test
    void anEpochThatHasNoEndIsRefused() {
        byte[] endless = new byte[1 << 16];
        Arrays.fill(endless, (byte) 'e');
        endless[0] = '1';
        endless[1] = 'p';

        assertThatExceptionOfType(UnreadableEnvelopeException.class)
                .isThrownBy(() -> PublicationCodec.decode(CHANNEL, endless));
    }

    @Test
    void randomBytesAreReadOrRefusedAndNothingElse() {
        Random random = new Random(1);
        byte[][] beginnings = {{}, {'1'}, {'1', 'm'}, {'1', 'p'}, {'1', 'j'}, {'1', 'l'}, {'2'}};
        String alphabet = "0123456789:abc\n é";
        for (int i = 0; i < 200_000; i++) {
            byte[] beginning = beginnings[random.nextInt(beginnings.length)];
            byte[] envelope = Arrays.copyOf(beginning, beginning.length + random.nextInt(24));
            for (int at = beginning.length; at < envelope.length; at++) {
                envelope[at] = random.nextInt(10) == 0
                        ? (byte) random.nextInt(256)
                        : (byte) alphabet.charAt(random.nextInt(alphabet.length()));
            }
            assertReadOrRefused(envelope);
        }
    }

    private static void assertReadOrRefused(byte[] envelope) {
        try {
            assertThat(PublicationCodec.decode(CHANNEL, envelope).channel()).isEqualTo(CHANNEL);
        } catch (UnreadableEnvelopeException e) {
            assertThat(e).hasMessageStartingWith("an envelope ");
        }
    }
}
