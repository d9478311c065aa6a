package dev.starling.websocket;

import dev.starling.security.HeaderTokens;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionEncoder;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * permessage-deflate (RFC 7692): which offers of a client the server accepts, and what compresses. Both windows are of 32 KB and live
 * from message to message. Netty's own negotiation is not used because it drops the connection over an offer that it can't read.
 */
final class Compression {

    static final String HEADER = "Sec-WebSocket-Extensions";

    /** What the server answers to an offer that it accepts. */
    static final String NAME = "permessage-deflate";

    private static final Pattern WINDOW_BITS = Pattern.compile("[89]|1[0-5]");
    private static final int LEVEL = 6;

    private Compression() {}

    /** Whether one of the client's offers can be accepted; all others are declined (RFC 7692, section 7). */
    static boolean isOffered(List<String> lines) {
        return lines.stream()
                .flatMap(line -> HeaderTokens.split(line, ',').stream())
                .anyMatch(Compression::isAcceptable);
    }

    private static boolean isAcceptable(String offer) {
        List<String> parts = HeaderTokens.split(offer, ';');
        if (!parts.get(0).equals(NAME)) {
            return false;
        }
        Set<String> names = new HashSet<>();
        for (String parameter : parts.subList(1, parts.size())) {
            int equals = parameter.indexOf('=');
            String name =
                    equals < 0 ? parameter : parameter.substring(0, equals).strip();
            String value = equals < 0
                    ? null
                    : HeaderTokens.unquoted(parameter.substring(equals + 1).strip());
            if (!names.add(name) || !isSupported(name, value)) {
                return false;
            }
        }
        return true;
    }

    /** The two parameters that only tell what the client can do. Those that would bind the server are not supported. */
    private static boolean isSupported(String name, @Nullable String value) {
        return switch (name) {
            case "client_no_context_takeover" -> value == null;
            case "client_max_window_bits" ->
                value == null || WINDOW_BITS.matcher(value).matches();
            default -> false;
        };
    }

    /** Compresses the messages of one connection. */
    static WebSocketExtensionEncoder encoder() {
        return new PerMessageDeflateServerExtensionHandshaker(
                        LEVEL, false, PerMessageDeflateServerExtensionHandshaker.MAX_WINDOW_SIZE, false, false, 0)
                .handshakeExtension(new WebSocketExtensionData(NAME, Map.of()))
                .newExtensionEncoder();
    }
}
