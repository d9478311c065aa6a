package dev.starling.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.starling.websocket.ClosedConnection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CloseCursorTests {

    private static ClosedConnection closed(long time, String id) {
        return new ClosedConnection(time, id, "node", "ann", "192.0.2.1", 1000, "", "client", 5, 0, null, 1, 2);
    }

    @Test
    void eachComesAfterThoseBeforeItAndAfterNoOther() {
        List<ClosedConnection> sorted = Stream.of(closed(1, "a"), closed(2, "b"), closed(2, "c"), closed(3, "a"))
                .sorted(CloseCursor.NEWEST_FIRST)
                .toList();

        assertThat(sorted.get(0).time()).isEqualTo(3);
        for (int i = 0; i < sorted.size(); i++) {
            CloseCursor cursor = CloseCursor.parse(CloseCursor.of(sorted.get(i)).text());
            for (int j = 0; j < sorted.size(); j++) {
                assertThat(cursor.isBefore(sorted.get(j))).isEqualTo(j > i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-", "-a", "a-b", "99999999999999999999-a"})
    void whatIsNoneIsRefused(String text) {
        assertThatExceptionOfType(InvalidParameterException.class)
                .isThrownBy(() -> CloseCursor.parse(text))
                .withMessageStartingWith("cursor ");
    }
}
