package dev.starling.helm;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What Helm asks while it renders: a cluster that has at most one Secret, and sets of pods. It is where the variable {@code KUBECONFIG} points to, so
 * that no test reaches a real one.
 */
final class FakeCluster {

    private static final String RESOURCES = """
            {"kind":"APIResourceList","groupVersion":"v1",
             "resources":[{"name":"secrets","singularName":"secret","namespaced":true,"kind":"Secret","verbs":["get"]}]}
            """;
    private static final String SETS = """
            {"kind":"APIResourceList","groupVersion":"apps/v1","resources":[
             {"name":"deployments","singularName":"deployment","namespaced":true,"kind":"Deployment","verbs":["get"]},
             {"name":"statefulsets","singularName":"statefulset","namespaced":true,"kind":"StatefulSet","verbs":["get"]}]}
            """;
    private static final String NOT_FOUND = """
            {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}
            """;

    private static final FakeCluster SHARED = start();

    private final Map<String, String> sets = new ConcurrentHashMap<>();
    private volatile @Nullable String jwtSecret;

    private FakeCluster() {}

    static FakeCluster shared() {
        return SHARED;
    }

    private static FakeCluster start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            FakeCluster cluster = new FakeCluster();
            server.createContext("/", exchange -> {
                String answer = cluster.answer(exchange.getRequestURI().getPath());
                byte[] body = (answer == null ? NOT_FOUND : answer).getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().add("Content-Type", "application/json");
                exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
            Path config = Path.of(System.getenv("KUBECONFIG"));
            Files.createDirectories(config.getParent());
            Files.writeString(config, """
                    apiVersion: v1
                    kind: Config
                    clusters: [{ name: fake, cluster: { server: "http://127.0.0.1:%d" } }]
                    contexts: [{ name: fake, context: { cluster: fake, user: nobody } }]
                    users: [{ name: nobody, user: {} }]
                    current-context: fake
                    """.formatted(server.getAddress().getPort()));
            return cluster;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable String answer(String path) {
        return switch (path) {
            case "/api/v1" -> RESOURCES;
            case "/apis/apps/v1" -> SETS;
            default -> path.startsWith("/apis/apps/v1/") ? sets.get(path) : secret();
        };
    }

    /** From now on it has what an earlier installation made of these. */
    void has(Stream<JsonNode> objects) {
        objects.forEach(object -> sets.put(
                "/apis/apps/v1/namespaces/live/%ss/%s"
                        .formatted(
                                object.path("kind").asString().toLowerCase(Locale.ROOT),
                                object.at("/metadata/name").asString()),
                object.toString()));
    }

    /** From now on it is empty. */
    void forget() {
        jwtSecret = null;
        sets.clear();
    }

    /** From now on it has the Secret of an earlier installation. */
    void hasJwtSecret(@Nullable String secret) {
        jwtSecret = secret;
    }

    private @Nullable String secret() {
        String secret = jwtSecret;
        if (secret == null) {
            return null;
        }
        String encoded = Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
        return """
                {"kind":"Secret","apiVersion":"v1","metadata":{"name":"push-starling","namespace":"live"},"data":{"jwt-secret":"%s"}}
                """.formatted(encoded);
    }
}
