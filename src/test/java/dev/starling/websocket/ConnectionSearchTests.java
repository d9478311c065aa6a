package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConnectionSearchTests {

    @ParameterizedTest
    @ValueSource(strings = {"", "Ann", "ann", "NN", "192.0.2", "2.7", "3w5e11", "W5E"})
    void aPartOfUserAddressOrIdFinds(String part) {
        assertThat(finds(part)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"anna", "192.0.2.70", "x", "ann192", " "})
    void allElseDoesNot(String part) {
        assertThat(finds(part)).isFalse();
    }

    private static boolean finds(String part) {
        return new OpenConnections.Search(null, part, null, null).finds("3w5e11", "Ann", "192.0.2.7");
    }
}
