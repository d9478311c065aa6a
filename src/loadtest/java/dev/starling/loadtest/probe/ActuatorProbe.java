package dev.starling.loadtest.probe;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** What the server says of itself by Actuator. */
public final class ActuatorProbe {

    /** What {@link #heapBytes} answers if a node does not say. */
    static final long UNKNOWN = -1;

    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final String HEAP = "/metrics/jvm.memory.used?tag=area:heap";

    private final List<String> bases;
    private final @Nullable String token;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(ANSWER).build();

    /** @param token with scope {@code ops}, if the endpoints want one */
    public ActuatorProbe(List<String> bases, @Nullable String token) {
        this.bases = List.copyOf(bases);
        this.token = token;
    }

    public boolean isBlind() {
        return bases.isEmpty();
    }

    /** @throws IllegalArgumentException if a node does not tell its heap */
    public void check() {
        for (String base : bases) {
            if (heapBytes(base) < 0) {
                throw new IllegalArgumentException("--actuator: no heap from " + base + HEAP
                        + ". Does the server run there, expose metrics, and let this token (scope ops) see them?");
            }
        }
    }

    /** Heap in use, garbage included, of all nodes; {@link #UNKNOWN} if one does not say, or there are none. */
    public long heapBytes() {
        long sum = isBlind() ? UNKNOWN : 0;
        for (String base : bases) {
            long bytes = heapBytes(base);
            if (bytes < 0) {
                return UNKNOWN;
            }
            sum += bytes;
        }
        return sum;
    }

    private long heapBytes(String base) {
        return (long)
                get(base + HEAP).path("measurements").path(0).path("value").asDouble(-1);
    }

    /** How many of the nodes are ready. */
    int ready() {
        return (int) bases.stream()
                .filter(base -> get(base + "/health/readiness")
                        .path("status")
                        .asString("")
                        .equals("UP"))
                .count();
    }

    /** What results say of the nodes, each connection's share of the heap included. */
    public Map<String, Object> report(long heapBefore, long connections) {
        Map<String, Object> values = new LinkedHashMap<>();
        long after = heapBytes();
        if (heapBefore >= 0 && after >= 0) {
            values.put("heapUsedBytesBefore", heapBefore);
            values.put("heapUsedBytesAfter", after);
            values.put("heapUsedBytesPerConnection", connections == 0 ? 0 : (after - heapBefore) / connections);
        }
        values.put("readyNodes", ready());
        return values;
    }

    /** What an endpoint answers, whatever its status; a missing node if that is no JSON or nothing at all. */
    private JsonNode get(String url) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            return JsonMapper.shared().readTree(answer.body());
        } catch (IOException | JacksonException e) {
            return MissingNode.getInstance();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return MissingNode.getInstance();
        }
    }
}
