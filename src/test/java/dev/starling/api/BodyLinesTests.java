package dev.starling.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BodyLinesTests {

    private static List<String> lines(String text, int pieceLength, int maxBytes) {
        BodyLines lines = new BodyLines(maxBytes);
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < text.length(); i += pieceLength) {
            String piece = text.substring(i, Math.min(text.length(), i + pieceLength));
            all.addAll(lines.add(piece.getBytes(StandardCharsets.UTF_8)));
        }
        all.addAll(lines.end());
        return all.stream()
                .map(line -> line == BodyLines.TOO_LONG ? "too long" : new String(line, StandardCharsets.UTF_8))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100})
    void linesAreTheSameWhereverTheyAreCut(int pieceLength) {
        assertThat(lines("one\ntwo\r\n\n  \n\r\nthree", pieceLength, 5)).containsExactly("one", "two\r", "three");
        assertThat(lines("", pieceLength, 5)).isEmpty();
        assertThat(lines("\n\n", pieceLength, 5)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100})
    void longLineIsTheLast(int pieceLength) {
        assertThat(lines("12345\n123456\n1\n1234567890", pieceLength, 5)).containsExactly("12345", "too long");
    }

    @Test
    void lineWithoutEndIsFoundBeforeItEnds() {
        BodyLines lines = new BodyLines(5);

        assertThat(lines.add(new byte[5])).isEmpty();
        assertThat(lines.add(new byte[1])).containsExactly(BodyLines.TOO_LONG);
        assertThat(lines.add(new byte[1000])).isEmpty();
        assertThat(lines.end()).isEmpty();
    }
}
