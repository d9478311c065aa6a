package dev.starling.loadtest.client;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The opening handshake, as bytes: one request, one answer. */
final class Upgrade {

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /**
     * What the server answered.
     *
     * @param status of HTTP; 0 if it is no HTTP
     * @param accept the header {@code Sec-WebSocket-Accept}; empty if there is none
     * @param retryAfterSeconds the header {@code Retry-After}; 0 if there is none
     */
    record Answer(int status, String accept, int retryAfterSeconds) {}

    private Upgrade() {}

    /** A fresh key; its sixteen bytes can be told from its seed, which takes less room than the key. */
    static long seed() {
        return ThreadLocalRandom.current().nextLong();
    }

    static byte[] request(Target target, @Nullable String token, long seed) {
        String request = "GET " + target.path() + " HTTP/1.1\r\nHost: " + target.host() + ":" + target.port()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + key(seed)
                + (token == null ? "" : "\r\nAuthorization: Bearer " + token)
                + "\r\n\r\n";
        return request.getBytes(StandardCharsets.US_ASCII);
    }

    /** Where the head of an answer ends; -1 if it does not, yet. */
    static int end(byte[] bytes, int from, int to) {
        for (int i = from; i + 3 < to; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return i + 4;
            }
        }
        return -1;
    }

    static Answer answer(byte[] bytes, int from, int to) {
        String[] lines = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1).split("\r\n", -1);
        String accept = "";
        int retryAfter = 0;
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            String name = colon < 0 ? "" : lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            String value = lines[i].substring(colon + 1).trim();
            if (name.equals("sec-websocket-accept")) {
                accept = value;
            } else if (name.equals("retry-after") && value.matches("\\d{1,6}")) {
                retryAfter = Integer.parseInt(value);
            }
        }
        boolean http = lines[0].matches("HTTP/1\\.1 \\d{3}.*");
        return new Answer(http ? Integer.parseInt(lines[0].substring(9, 12)) : 0, accept, retryAfter);
    }

    /** What the server must answer to the key of this seed. */
    static String accept(long seed) {
        try {
            byte[] text = (key(seed) + GUID).getBytes(StandardCharsets.US_ASCII);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private static String key(long seed) {
        byte[] key = new byte[16];
        for (int i = 0; i < 8; i++) {
            key[i] = (byte) (seed >>> (8 * i));
            key[i + 8] = (byte) ~key[i];
        }
        return Base64.getEncoder().encodeToString(key);
    }
}
