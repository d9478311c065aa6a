package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CompressionTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate",
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate;client_max_window_bits=8",
                "permessage-deflate ; client_max_window_bits = 15",
                "permessage-deflate; client_max_window_bits=\"10\"",
                "permessage-deflate; client_max_window_bits=\"\\1\\0\"",
                "permessage-deflate; client_no_context_takeover; client_max_window_bits",
                "x-webkit-deflate-frame, permessage-deflate",
                "permessage-deflate; server_max_window_bits=10, permessage-deflate",
                "permessage-deflate; client_max_window_bits=1e1, permessage-deflate; client_max_window_bits=12",
                "foo; bar=\"a, b; c\\\"\", permessage-deflate",
                ", ,permessage-deflate,",
            })
    void offerIsAccepted(String line) {
        assertThat(Compression.isOffered(List.of(line))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                ";",
                "=",
                "\"",
                "foo",
                "permessage-deflat",
                "permessage-deflate2",
                "\"permessage-deflate\"",
                "permessage-deflate;",
                "permessage-deflate; ;client_max_window_bits",
                "permessage-deflate client_max_window_bits",
                "permessage-deflate; client_max_window_bits=1e1",
                "permessage-deflate; client_max_window_bits=",
                "permessage-deflate; client_max_window_bits=\"\"",
                "permessage-deflate; client_max_window_bits=\"10",
                "permessage-deflate; client_max_window_bits=10\"",
                "permessage-deflate; client_max_window_bits=7",
                "permessage-deflate; client_max_window_bits=16",
                "permessage-deflate; client_max_window_bits=010",
                "permessage-deflate; client_max_window_bits=+10",
                "permessage-deflate; client_max_window_bits=-10",
                "permessage-deflate; client_max_window_bits=10 10",
                "permessage-deflate; client_max_window_bits=99999999999999999999",
                "permessage-deflate; client_max_window_bits; client_max_window_bits",
                "permessage-deflate; client_max_window_bits=10; client_max_window_bits=10",
                "permessage-deflate; client_no_context_takeover=true",
                "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
                "permessage-deflate; server_no_context_takeover",
                "permessage-deflate; server_max_window_bits=10",
                "permessage-deflate; server_max_window_bits",
                "permessage-deflate; server_max_window_bits=x",
                "permessage-deflate; unknown",
                "permessage-deflate; unknown=\"permessage-deflate, permessage-deflate\"",
                "foo; bar=\", permessage-deflate\"",
                "foo; bar=\", permessage-deflate",
            })
    void offerIsDeclined(String line) {
        assertThat(Compression.isOffered(List.of(line))).isFalse();
    }

    @Test
    void severalLinesAreOneList() {
        assertThat(Compression.isOffered(List.of("foo", "bar; x", "permessage-deflate")))
                .isTrue();
        assertThat(Compression.isOffered(List.of())).isFalse();
    }
}
