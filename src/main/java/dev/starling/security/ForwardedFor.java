package dev.starling.security;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the hops of a request out of its headers, the client's first. A hop that names no address is an empty text, so that nobody
 * takes its neighbour for it.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7239#section-4">RFC 7239, section 4</a>
 */
final class ForwardedFor {

    private static final Pattern PORT = Pattern.compile(":[A-Za-z0-9._-]+");

    private ForwardedFor() {}

    /** The hops of {@code X-Forwarded-For} headers. */
    static List<String> plain(List<String> headers) {
        List<String> hops = new ArrayList<>();
        for (String header : headers) {
            for (String hop : header.split(",", -1)) {
                hops.add(hop.strip());
            }
        }
        return hops;
    }

    /** The {@code for} of each element of {@code Forwarded} headers. */
    static List<String> standard(List<String> headers) {
        List<String> hops = new ArrayList<>();
        for (String header : headers) {
            for (String element : split(header, ',')) {
                hops.add(hop(element));
            }
        }
        return hops;
    }

    private static String hop(String element) {
        String hop = "";
        for (String pair : split(element, ';')) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase("for")) {
                if (!hop.isEmpty()) {
                    return "";
                }
                hop = unquote(pair.substring(equals + 1).strip());
            }
        }
        return hop;
    }

    /** The address of a hop: {@code a.b.c.d}, {@code a.b.c.d:port}, IPv6 bare, or IPv6 in brackets with or without port. */
    static @Nullable InetAddress address(String hop) {
        if (hop.startsWith("[")) {
            int end = hop.indexOf(']');
            return end > 0 && isPortOrNothing(hop.substring(end + 1))
                    ? AddressRange.literal(hop.substring(1, end))
                    : null;
        }
        int colon = hop.indexOf(':');
        boolean onlyColon = colon >= 0 && colon == hop.lastIndexOf(':');
        if (!onlyColon) {
            return AddressRange.literal(hop);
        }
        return isPortOrNothing(hop.substring(colon)) ? AddressRange.literal(hop.substring(0, colon)) : null;
    }

    /** A port may be obfuscated, such as {@code :_secret}; its value does not matter here. */
    private static boolean isPortOrNothing(String text) {
        return text.isEmpty() || PORT.matcher(text).matches();
    }

    /**
     * Splits outside of quotes. A quote that is never closed makes the whole text one part that says nothing: a client could else swallow
     * with it what the proxy appends.
     */
    private static List<String> split(String text, char separator) {
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
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return quoted ? List.of("") : parts;
    }

    private static String unquote(String text) {
        boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
        return quoted ? text.substring(1, text.length() - 1) : text;
    }
}
