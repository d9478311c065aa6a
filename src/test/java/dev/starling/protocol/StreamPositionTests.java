package dev.starling.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StreamPositionTests {

    @Test
    void whatItsTextSaysIsReadAgain() {
        for (long offset : new long[] {0, 1, Long.MAX_VALUE}) {
            StreamPosition position = new StreamPosition("1y2p0ij32e8e7", offset);

            assertThat(StreamPosition.parse(position.text())).isEqualTo(position);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "e", "e:", ":1", "e:-1", "e:x", "e:1 ", "e:9223372036854775808", "e:1.0"})
    void anythingElseIsNone(String text) {
        assertThat(StreamPosition.parse(text)).isNull();
    }

    @Test
    void aLongTextIsNone() {
        assertThat(StreamPosition.parse("e".repeat(200) + ":1")).isNull();
    }
}
