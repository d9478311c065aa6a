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
            for (String element : HeaderTokens.split(header, ',')) {
                hops.add(hop(element));
            }
        }
        return hops;
    }

    private static String hop(String element) {
        String hop = "";
        for (String pair : HeaderTokens.split(element, ';')) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase("for")) {
                if (!hop.isEmpty()) {
                    return "";
                }
                hop = HeaderTokens.unquoted(pair.substring(equals + 1).strip());
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
}
