package dev.starling.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NodeNameTests {

    @Test
    void nameHas1To255Characters() {
        assertThat(new NodeName("x".repeat(255))).hasToString("x".repeat(255));
        assertThatThrownBy(() -> new NodeName("x".repeat(256))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "\0"})
    void nothingAndControlCharactersAreNoName(String value) {
        assertThatThrownBy(() -> new NodeName(value)).isInstanceOf(IllegalArgumentException.class);
    }
}
