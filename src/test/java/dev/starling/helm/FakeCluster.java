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
import org.jspecify.annotations.Nullable;

/**
 * What Helm asks while it renders: a cluster that has at most one Secret. It is where the variable {@code KUBECONFIG} points to, so
 * that no test reaches a real one.
 */
final class FakeCluster implements AutoCloseable {

    private static final String RESOURCES = """
            {"kind":"APIResourceList","groupVersion":"v1",
             "resources":[{"name":"secrets","singularName":"secret","namespaced":true,"kind":"Secret","verbs":["get"]}]}
            """;
    private static final String NOT_FOUND = """
            {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}
            """;

    private final HttpServer server;
    private volatile @Nullable String jwtSecret;

    private FakeCluster(HttpServer server) {
        this.server = server;
    }

    static FakeCluster start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            FakeCluster cluster = new FakeCluster(server);
            server.createContext("/", exchange -> {
                boolean discovery = exchange.getRequestURI().getPath().equals("/api/v1");
                String secret = discovery ? RESOURCES : cluster.secret();
                byte[] body = (secret == null ? NOT_FOUND : secret).getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().add("Content-Type", "application/json");
                exchange.sendResponseHeaders(secret == null ? 404 : 200, body.length);
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

    @Override
    public void close() {
        server.stop(0);
    }
}
