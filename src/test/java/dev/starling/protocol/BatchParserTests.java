package dev.starling.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a back end publishes by HTTP. */
final class BatchParserTests {

    private final FrameCodec codec = new FrameCodec(FrameLimits.DEFAULT);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<BatchEntry> batch(String text) throws MalformedFrameException {
        return codec.batch(bytes(text), 3);
    }

    private static String data(BatchEntry entry) {
        return new String(((BatchEntry.Message) entry).publish().data(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "-0.5e7", "null", "\"\u00e9\u2028\"", "[ 1 , 2 ]", "{\"a\" :\t1, \"a\":2}"})
    void valueIsItsOwnBytesWithoutTheSpaceAround(String value) throws MalformedFrameException {
        assertThat(codec.value(bytes(value))).isEqualTo(bytes(value));
        assertThat(codec.value(bytes(" \r\n" + value + "\t\n"))).isEqualTo(bytes(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "1 2", "[1", "01", "nul", "'a'", "{\"a\"}", "\"\\ud800\"", "[1,]"})
    void whatIsNotOneValueIsRefused(String text) {
        assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> codec.value(bytes(text)));
    }

    @Test
    void valueIsAsDeepAsInAFrameAndUtf8() throws MalformedFrameException {
        assertThat(codec.value(bytes("[".repeat(63) + "]".repeat(63)))).hasSize(126);
        assertThatExceptionOfType(MalformedFrameException.class)
                .isThrownBy(() -> codec.value(bytes("[".repeat(64) + "]".repeat(64))));
        assertThatExceptionOfType(MalformedFrameException.class)
                .isThrownBy(() -> codec.value(new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'}));
    }

    @Test
    void messagesAreReadEachByItself() throws MalformedFrameException {
        List<BatchEntry> entries = batch(
                "{\"messages\":[ {\"channel\":\"a\",\"data\":{ \"x\":1},\"key\":\"k\"}, [], {\"channel\":\"b b\",\"data\":1} ]}");

        assertThat(data(entries.get(0))).isEqualTo("{ \"x\":1}");
        assertThat(((BatchEntry.Message) entries.get(0)).publish().key()).isEqualTo("k");
        assertThat(((BatchEntry.Faulty) entries.get(1)).code()).isEqualTo(ErrorCode.MALFORMED);
        assertThat(((BatchEntry.Faulty) entries.get(2)).code()).isEqualTo(ErrorCode.INVALID_CHANNEL);
    }

    @Test
    void channelsShareOneMessage() throws MalformedFrameException {
        List<BatchEntry> entries = batch("{\"channels\":[\"a\",\"b\"],\"data\": [1] ,\"key\":\"k\"}");

        assertThat(entries)
                .hasSize(2)
                .allSatisfy(entry -> assertThat(data(entry)).isEqualTo("[1]"));
        assertThat(((BatchEntry.Message) entries.get(1)).publish().channel().value())
                .isEqualTo("b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"messages\":[1,2,3,4]} | TOO_LARGE",
                "{\"channels\":[\"a\",\"b\",\"c\",\"d\"],\"data\":1} | TOO_LARGE",
                "{\"channels\":[\"a\"]} | MALFORMED",
                "{\"channels\":[\"a\"],\"messages\":[],\"data\":1} | MALFORMED",
                "{\"messages\":{}} | MALFORMED",
                "[] | MALFORMED",
            })
    void whatIsNoBatchIsRefusedAsAWhole(String text, ErrorCode code) {
        assertThatExceptionOfType(MalformedFrameException.class)
                .isThrownBy(() -> batch(text))
                .matches(fault -> fault.code() == code);
    }

    @Test
    void lineIsAMessageOrSaysWhyNot() {
        assertThat(data(codec.batchEntry(bytes("{\"channel\":\"a\",\"data\":\"x\"}"))))
                .isEqualTo("\"x\"");
        assertThat(codec.batchEntry(bytes("nonsense"))).isInstanceOf(BatchEntry.Faulty.class);
        assertThat(codec.batchEntry(new byte[] {(byte) 0xff})).isInstanceOf(BatchEntry.Faulty.class);
    }
}
