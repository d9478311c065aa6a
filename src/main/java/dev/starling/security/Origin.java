package dev.starling.security;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A web origin: scheme, host and port, in lower case, the scheme's default port in place of none.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6454">RFC 6454</a>
 */
record Origin(String scheme, String host, int port) {

    private static final int NO_PORT = -1;
    private static final int INVALID_PORT = -2;

    /** An origin as browsers write it; null for anything else, {@code null} (an opaque origin) included. */
    static @Nullable Origin parse(String text) {
        int end = text.indexOf("://");
        if (end <= 0) {
            return null;
        }
        String scheme = text.substring(0, end).toLowerCase(Locale.ROOT);
        HostPort authority = HostPort.parse(text.substring(end + 3));
        if (authority == null || !isScheme(scheme)) {
            return null;
        }
        int port = authority.port() == NO_PORT ? defaultPort(scheme) : authority.port();
        return new Origin(scheme, authority.host(), port);
    }

    /**
     * Whether a request with this Host header went to this origin. The scheme is not compared: behind a proxy that ends TLS the node
     * speaks http where the browser speaks https. A Host without a port stands for the default port of the browser's scheme.
     */
    boolean isAt(@Nullable String hostHeader) {
        HostPort authority = hostHeader == null ? null : HostPort.parse(hostHeader);
        return authority != null
                && host.equals(authority.host())
                && port == (authority.port() == NO_PORT ? defaultPort(scheme) : authority.port());
    }

    /** Whether the host is this machine, as far as a browser on it is concerned. */
    boolean isLocal() {
        return host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
    }

    private static boolean isScheme(String scheme) {
        return scheme.chars().allMatch(c -> isLetterOrDigit(c) || "+-.".indexOf(c) >= 0);
    }

    private static boolean isLetterOrDigit(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    private static int defaultPort(String scheme) {
        return switch (scheme) {
            case "http", "ws" -> 80;
            case "https", "wss" -> 443;
            default -> 0;
        };
    }

    /** The authority of an origin, or a Host header; port -1 = none given. */
    private record HostPort(String host, int port) {

        static @Nullable HostPort parse(String text) {
            int colon = text.endsWith("]") ? -1 : text.lastIndexOf(':');
            String host = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
            int port = colon < 0 ? NO_PORT : port(text.substring(colon + 1));
            return port == INVALID_PORT || !isHost(host) ? null : new HostPort(host, port);
        }

        private static boolean isHost(String host) {
            boolean brackets = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
            String inside = brackets ? host.substring(1, host.length() - 1) : host;
            String marks = brackets ? ":." : "-._";
            return !inside.isEmpty() && inside.chars().allMatch(c -> isLetterOrDigit(c) || marks.indexOf(c) >= 0);
        }

        private static int port(String digits) {
            boolean valid =
                    !digits.isEmpty() && digits.length() <= 5 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
            int port = valid ? Integer.parseInt(digits) : INVALID_PORT;
            return port > 65_535 ? INVALID_PORT : port;
        }
    }
}
