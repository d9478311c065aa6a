package dev.starling.loadtest;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What the server says of itself by Actuator. */
final class ActuatorProbe {

    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final List<String> bases;
    private final @Nullable String token;

    /** @param token with scope {@code ops}, if the endpoints want one */
    ActuatorProbe(List<String> bases, @Nullable String token) {
        this.bases = List.copyOf(bases);
        this.token = token;
    }

    /** Heap in use, garbage included, of all nodes; 0 if none is known. */
    long heapBytes() {
        double bytes = 0;
        for (String base : bases) {
            String answer = get(base + "/metrics/jvm.memory.used?tag=area:heap");
            bytes += JsonMapper.shared()
                    .readTree(answer)
                    .path("measurements")
                    .path(0)
                    .path("value")
                    .asDouble(0);
        }
        return (long) bytes;
    }

    /** How many of the nodes are ready. */
    int ready() {
        return (int) bases.stream()
                .filter(base -> get(base + "/health/readiness").contains("\"UP\""))
                .count();
    }

    void report(Result result, long heapBefore, long connections) {
        if (!bases.isEmpty()) {
            long after = heapBytes();
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("heapUsedBytesBefore", heapBefore);
            values.put("heapUsedBytesAfter", after);
            values.put("heapUsedBytesPerConnection", connections == 0 ? 0 : (after - heapBefore) / connections);
            values.put("readyNodes", ready());
            result.put("actuator", values);
        }
    }

    private String get(String url) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            return HttpClient.newHttpClient()
                    .send(request.build(), BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "{}";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "{}";
        }
    }
}
