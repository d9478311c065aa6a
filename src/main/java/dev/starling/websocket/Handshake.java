package dev.starling.websocket;

import dev.starling.security.HeaderTokens;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.netty.http.server.HttpServerRequest;

/**
 * The rules of a client's opening handshake.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1">RFC 6455, section 4.2.1</a>
 */
final class Handshake {

    /** There is one version of WebSocket (RFC 6455, section 4.1). */
    static final String VERSION = "13";

    static final String VERSION_HEADER = "Sec-WebSocket-Version";
    static final String PROTOCOL_HEADER = "Sec-WebSocket-Protocol";
    private static final String KEY_HEADER = "Sec-WebSocket-Key";
    private static final int KEY_BYTES = 16;
    private static final int KEY_CHARACTERS = 24;

    private Handshake() {}

    /** Whether the request's version of HTTP has upgrades: HTTP/1.0 ignores them, and HTTP/2 has none. */
    static boolean mayUpgrade(ServerHttpRequest request) {
        HttpServerRequest netty = ServerHttpRequestDecorator.getNativeRequest(request);
        HttpVersion version = netty.version();
        return version.majorVersion() == 1 && version.minorVersion() >= 1;
    }

    /** Which rule an upgrade to a WebSocket breaks, whatever its version; null if none. */
    static @Nullable String fault(HttpHeaders headers) {
        if (HeaderTokens.of(headers, HttpHeaders.CONNECTION).noneMatch("upgrade"::equalsIgnoreCase)) {
            return "the Connection header must contain Upgrade";
        }
        String host = headers.getFirst(HttpHeaders.HOST);
        if (host == null || host.isEmpty()) {
            return "the Host header must name this server";
        }
        List<String> keys = headers.getOrEmpty(KEY_HEADER);
        if (keys.size() != 1 || !isKey(keys.get(0))) {
            return "there must be one Sec-WebSocket-Key, of 16 bytes in Base64";
        }
        return hasContent(headers) ? "an upgrade request must have no content" : null;
    }

    private static boolean isKey(String key) {
        try {
            return key.length() == KEY_CHARACTERS && Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false; // not Base64
        }
    }

    /** Its end would have to be found before the first frame. No client sends any, since a GET's content means nothing. */
    private static boolean hasContent(HttpHeaders headers) {
        return headers.containsHeader(HttpHeaders.TRANSFER_ENCODING) || headers.getContentLength() > 0;
    }

    /** Whether the client speaks our version of WebSocket. */
    static boolean hasVersion(HttpHeaders headers) {
        return headers.getOrEmpty(VERSION_HEADER).equals(List.of(VERSION));
    }

    /** The subprotocol that the server chooses from those that the client offers; null for none. */
    static @Nullable String subprotocol(HttpHeaders headers) {
        return HeaderTokens.of(headers, PROTOCOL_HEADER).anyMatch(PubSubHandler.SUBPROTOCOL::equals)
                ? PubSubHandler.SUBPROTOCOL
                : null;
    }
}
