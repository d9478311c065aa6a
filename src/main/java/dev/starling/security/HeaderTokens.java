package dev.starling.security;

import java.util.Arrays;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;

/** Reads header fields that are lists: several lines are one list (RFC 9110, section 5.3), and elements may be empty. */
public final class HeaderTokens {

    private HeaderTokens() {}

    /** The elements of a list of tokens, as they are written, in their order. */
    public static Stream<String> of(HttpHeaders headers, String name) {
        return headers.getOrEmpty(name).stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::strip)
                .filter(token -> !token.isEmpty());
    }
}
