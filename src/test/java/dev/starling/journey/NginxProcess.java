package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real nginx with the files of {@code src/main/nginx}, started as compose starts it. Of the files, only what differs from there is
 * replaced: addresses, ports, and where the certificate is.
 */
final class NginxProcess implements AutoCloseable {

    private static final Path SOURCES = Path.of("src", "main", "nginx");
    /** The three nodes of an upstream, which differ in nothing else. */
    private static final Pattern SERVERS = Pattern.compile("(?:server 172\\.30\\.0\\.\\d+:8080(.*;)\\s+){3}");

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Duration BOUND = Duration.ofSeconds(15);

    private final Path directory;
    private final int port;
    private final NodeRuntime.Script running;

    private NginxProcess(Path directory, int port) {
        this.directory = directory;
        this.port = port;
        this.running = NodeRuntime.start(
                directory,
                Map.of(),
                List.of(
                        RealParts.program("nginx").toString(),
                        "-p",
                        directory.toString(),
                        "-c",
                        directory.resolve("nginx.conf").toString(),
                        "-g",
                        "daemon off;"));
    }

    /** One before the nodes at these ports of this machine. */
    static NginxProcess before(List<Integer> nodes) {
        return before(nodes, source("nginx.conf"));
    }

    /** The same with another main file. */
    static NginxProcess before(List<Integer> nodes, String configuration) {
        int port = ServerLaunch.freePort();
        return start(nodes, configuration, port, source("listen.conf").replace("8080", Integer.toString(port)));
    }

    /** The same with TLS. */
    static NginxProcess encrypted(List<Integer> nodes, Path certificate, Path key) {
        int port = ServerLaunch.freePort();
        String listen = source("listen-tls.conf")
                .replace("8443", Integer.toString(port))
                .replace("/etc/nginx/tls/tls.crt", certificate.toString())
                .replace("/etc/nginx/tls/tls.key", key.toString());
        return start(nodes, source("nginx.conf"), port, listen);
    }

    /** One of the files as it is in the source. */
    static String source(String file) {
        try {
            return Files.readString(SOURCES.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NginxProcess start(List<Integer> nodes, String configuration, int port, String listen) {
        Path directory = Path.of(
                        "target", "journeys", "nginx-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet())
                .toAbsolutePath();
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("nginx.conf"), configuration);
            Files.writeString(directory.resolve("listen.conf"), listen);
            Files.writeString(directory.resolve("servers.conf"), servers(nodes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        NginxProcess nginx = new NginxProcess(directory, port);
        try {
            Awaitility.await("nginx listens").atMost(BOUND).until(nginx::listens);
            return nginx;
        } catch (RuntimeException | Error e) {
            nginx.close();
            throw new AssertionError(nginx.output(), e);
        }
    }

    /** The file of the source, with these nodes in place of those of compose. */
    private static String servers(List<Integer> nodes) {
        String written = SERVERS.matcher(source("servers.conf"))
                .replaceAll(lines -> nodes.stream()
                        .map(node -> "server 127.0.0.1:" + node + lines.group(1) + "\n")
                        .collect(Collectors.joining()));
        assertThat(written).doesNotContain("172.30.0.");
        return written;
    }

    /** From now on it is before these nodes; its old workers, who knew others, are gone. */
    void reload(List<Integer> nodes) {
        Set<Long> old = workers();
        try {
            Files.writeString(directory.resolve("servers.conf"), servers(nodes));
            new ProcessBuilder("kill", "-HUP", Long.toString(running.process().pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        Awaitility.await("new workers only").atMost(BOUND).until(() -> {
            Set<Long> now = workers();
            return !now.isEmpty() && now.stream().noneMatch(old::contains);
        });
    }

    int port() {
        return port;
    }

    /** The address of the WebSocket, by way of this nginx. */
    URI socket(boolean tls) {
        return URI.create((tls ? "wss" : "ws") + "://localhost:" + port + "/ws");
    }

    /** What it has written to its logs so far: access log and error log. */
    String output() {
        return running.output().text();
    }

    /** The lines of its access log so far. */
    List<JsonNode> accesses() {
        return output().lines()
                .filter(line -> line.startsWith("{\"time\""))
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
    }

    /** Waits for a line of its access log, which it writes after its answer. */
    void awaitAccess(String description, Predicate<JsonNode> wanted) {
        Awaitility.await(description)
                .atMost(BOUND)
                .until(() -> accesses().stream().anyMatch(wanted));
    }

    private Set<Long> workers() {
        return running.process().children().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    private boolean listens() {
        if (!running.process().isAlive()) {
            throw new AssertionError("nginx ended");
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Cuts all connections. */
    @Override
    public void close() {
        running.close();
    }
}
