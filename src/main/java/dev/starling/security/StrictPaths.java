package dev.starling.security;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Refuses paths that two readers could understand differently, with 400, before anything decides by the path: matrix parameters,
 * empty and dot segments, and escapes that are no UTF-8 text or hide a control character. All decisions behind this filter match
 * {@link org.springframework.web.util.pattern.PathPattern}s against the decoded segments, so they agree. A name may have any of these
 * characters percent-encoded.
 */
final class StrictPaths implements WebFilter, Ordered {

    private static final int DELETE = 0x7f;

    /** Behind what has to see each request, in front of what decides by the path. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 2;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        String fault = request.getURI().getRawFragment() == null
                ? fault(request.getPath().value())
                : "a # must be percent-encoded as %23";
        return fault == null
                ? chain.filter(exchange)
                : new Problem(HttpStatus.BAD_REQUEST, "The path can't be read", fault, "invalid_path").write(exchange);
    }

    /** What is wrong with a path as it was sent; null = nothing. */
    static @Nullable String fault(String path) {
        boolean isEscaped = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '%') {
                isEscaped = true;
            } else if (c == ';') {
                return "a ; must be percent-encoded as %3B";
            } else if (c <= ' ' || c >= DELETE) {
                return "characters other than printable ASCII must be percent-encoded as UTF-8";
            } else if (c == '/' && isEmptyOrDots(path, i + 1)) {
                return "a segment must not be empty, . or .. (percent-encode the dots of a name)";
            }
        }
        return isEscaped ? escapeFault(path) : null;
    }

    /** Whether such a segment begins here; the path may end with a slash. */
    private static boolean isEmptyOrDots(String path, int start) {
        int end = path.indexOf('/', start);
        String segment = path.substring(start, end < 0 ? path.length() : end);
        return segment.equals(".") || segment.equals("..") || (segment.isEmpty() && end >= 0);
    }

    private static @Nullable String escapeFault(String path) {
        ByteBuffer bytes = ByteBuffer.allocate(path.length());
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) != '%') {
                bytes.put((byte) path.charAt(i));
                continue;
            }
            int value = i + 2 < path.length() ? hex(path.charAt(i + 1)) << 4 | hex(path.charAt(i + 2)) : -1;
            if (value < 0) {
                return "a % must be followed by two hexadecimal digits";
            }
            if (value < ' ' || value == DELETE) {
                return "a path must not have control characters";
            }
            bytes.put((byte) value);
            i += 2;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(bytes.flip());
            return null;
        } catch (CharacterCodingException e) {
            return "percent-encoded bytes must be UTF-8";
        }
    }

    private static int hex(char c) {
        return c < DELETE ? Character.digit(c, 16) : -1;
    }
}
