package dev.starling.security;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;

/**
 * Reads header fields that are lists: several lines are one list (RFC 9110, section 5.3), and elements may be empty. Values may be quoted
 * (section 5.6.4).
 */
public final class HeaderTokens {

    private HeaderTokens() {}

    /** The elements of a list of tokens, as they are written, in their order. */
    public static Stream<String> of(HttpHeaders headers, String name) {
        return headers.getOrEmpty(name).stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::strip)
                .filter(token -> !token.isEmpty());
    }

    /**
     * The stripped parts between separators that are not quoted. A quote that is never closed makes the whole text one empty part: it
     * could otherwise swallow what a proxy appends.
     */
    public static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quoted) {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(start, i).strip());
                start = i + 1;
            }
        }
        parts.add(text.substring(start).strip());
        return quoted ? List.of("") : parts;
    }

    /** A value without its quotes and escapes, if it has any. */
    public static String unquoted(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1") : value;
    }
}
