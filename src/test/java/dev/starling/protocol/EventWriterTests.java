package dev.starling.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EventWriterTests {

    private final ByteBuf out = Unpooled.buffer();
    private final EventWriter writer = new EventWriter(out);

    @Test
    void eachFieldIsALineAndAnEmptyOneEndsTheEvent() {
        writer.type("goaway").id(new StreamPosition("e1", 42)).retry(150).data(utf8("{\"a\":1}"));

        assertThat(written()).isEqualTo("event: goaway\nid: e1:42\nretry: 150\ndata: {\"a\":1}\n\n");
    }

    @Test
    void aMessageOfAChannelWithoutHistoryIsItsTextOnly() {
        writer.id(null).data(utf8("1"));

        assertThat(written()).isEqualTo("data: 1\n\n");
    }

    @Test
    void aTextStaysAsItIs() {
        ByteBuf text = utf8("\"Grüße\"");

        writer.data(text);

        assertThat(written()).isEqualTo("data: \"Grüße\"\n\n");
        assertThat(text.readableBytes()).as("still to be read by others").isEqualTo(9);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1;data: 1|",
                "{|};data: {|data: }|",
                "{<|};data: {|data: }|",
                "{<};data: {|data: }|",
                "{||};data: {|data: |data: }|",
                "{|<};data: {|data: |data: }|",
                "{<<|};data: {|data: |data: }|",
                "|1;data: |data: 1|",
                "1|;data: 1|data: |",
                "1<;data: 1|data: |",
                "'';data: |",
            })
    void eachLineOfATextIsOneOfData(String text, String lines) {
        writer.data(utf8(breaks(text)));

        assertThat(written()).isEqualTo(breaks(lines) + '\n');
    }

    private static String breaks(String text) {
        return text.replace('|', '\n').replace('<', '\r');
    }

    /** Whoever publishes decides where the line breaks are; a client that joins the lines has the same value. */
    @Test
    void aClientJoinsTheLinesToTheTextWithALineFeedForEachBreak() {
        Random random = new Random(7);
        for (int run = 0; run < 1000; run++) {
            String text = random.ints(random.nextInt(12), 0, 4)
                    .mapToObj(i -> "\r\n1 ".substring(i, i + 1))
                    .reduce("", String::concat);
            out.clear();
            writer.data(utf8(text));

            String[] lines = written().split("\n", -1);
            StringBuilder data = new StringBuilder();
            for (int i = 0; i < lines.length - 2; i++) {
                assertThat(lines[i]).startsWith("data: ").doesNotContain("\r");
                data.append(i == 0 ? "" : "\n").append(lines[i].substring(6));
            }
            assertThat(data).hasToString(text.replace("\r\n", "\n").replace('\r', '\n'));
        }
    }

    private static ByteBuf utf8(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private String written() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
