package dev.starling.journey;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The answer to an upgrade request, read byte by byte so that nothing behind it is consumed. */
record HttpAnswer(int status, Map<String, String> headers, String body) {

    private static final JsonMapper JSON = new JsonMapper();

    /** Reads one answer; a status of 0 says that the peer closed without any. */
    static HttpAnswer read(DataInputStream in) throws IOException {
        HttpAnswer head = readHead(in);
        int length = Integer.parseInt(head.headers().getOrDefault("content-length", "0"));
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        return new HttpAnswer(head.status(), head.headers(), body);
    }

    /** Reads an answer that has no body whatever its headers say, such as one to {@code HEAD}. */
    static HttpAnswer readHead(DataInputStream in) throws IOException {
        String status = line(in);
        if (status.isEmpty()) {
            return new HttpAnswer(0, Map.of(), "");
        }
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.merge(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(),
                    (value, more) -> value + ", " + more);
        }
        return new HttpAnswer(Integer.parseInt(status.split(" ", 3)[1]), headers, "");
    }

    /** A header by its name in lower case. */
    @Nullable
    String header(String name) {
        return headers.get(name);
    }

    /** The body as JSON. */
    JsonNode json() {
        return JSON.readTree(body);
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }
}
