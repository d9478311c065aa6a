package dev.starling.journey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** One node in a process of its own. */
final class ServerProcess implements AutoCloseable {

    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Pattern FAULT = Pattern.compile(" ERROR |^\\tat |^Caused by: |LEAK:|exceptionCaught");
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ANSWER)
            .build();

    private final Process process;
    private final int port;
    private final boolean tls;
    private final ProcessOutput log;
    private int looked;

    ServerProcess(Process process, int port, boolean tls) {
        this.process = process;
        this.port = port;
        this.tls = tls;
        this.log = new ProcessOutput(process);
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    ProcessOutput log() {
        return log;
    }

    /** What the log has shown of faults of the server since the last call: errors, stack traces, leaks. */
    synchronized List<String> newFaults() {
        List<String> lines = log.lines();
        List<String> faults = lines.subList(looked, lines.size()).stream()
                .filter(line -> FAULT.matcher(line).find())
                .toList();
        looked = lines.size();
        return faults;
    }

    /** The address of the WebSocket. */
    URI socket() {
        return URI.create((tls ? "wss" : "ws") + "://localhost:" + port + "/ws");
    }

    /** The answer to a plain {@code GET}; {@code headers} are names and values in turn. */
    HttpResponse<String> get(String path, String... headers) {
        return get(port, path, headers);
    }

    /** The same on another port of this process. */
    HttpResponse<String> get(int otherPort, String path, String... headers) {
        return send(otherPort, "GET", path, BodyPublishers.noBody(), headers);
    }

    /** The answer to any request; {@code headers} are names and values in turn. */
    HttpResponse<String> send(String method, String path, String body, String... headers) {
        return send(port, method, path, BodyPublishers.ofString(body), headers);
    }

    /** The same on another port of this process. */
    HttpResponse<String> send(int otherPort, String method, String path, String body, String... headers) {
        return send(otherPort, method, path, BodyPublishers.ofString(body), headers);
    }

    private static HttpResponse<String> send(
            int port, String method, String path, BodyPublisher body, String... headers) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                    .timeout(ANSWER)
                    .method(method, body);
            if (headers.length > 0) {
                request.headers(headers);
            }
            return HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** What Prometheus would read, with a token of scope {@code ops}. */
    Metrics metrics() {
        String token = Tokens.standard().scope("ops").sign();
        HttpResponse<String> answer = get("/actuator/prometheus", "Authorization", "Bearer " + token);
        if (answer.statusCode() != 200) {
            throw new AssertionError("metrics: " + answer.statusCode() + " " + answer.body());
        }
        return new Metrics(answer.body());
    }

    /** Sends a signal such as {@code TERM}. After {@code STOP}, this returns once all threads stand still. */
    void signal(String name) {
        send(name);
        Path threads = Path.of("/proc", Long.toString(pid()), "task");
        if (name.equals("STOP") && Files.isDirectory(threads)) {
            Awaitility.await("stopped").atMost(ANSWER).until(() -> {
                try (Stream<Path> all = Files.list(threads)) {
                    return all.allMatch(ServerProcess::isStopped);
                }
            });
        }
    }

    private static boolean isStopped(Path thread) {
        try {
            return Files.readString(thread.resolve("stat")).contains(") T ");
        } catch (IOException ended) {
            return true;
        }
    }

    private void send(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start();
            if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new AssertionError("kill -" + name + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Waits for the end of the process and returns its status. */
    int awaitExit(Duration bound) {
        try {
            if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("still running after " + bound + ":\n" + log.text());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        log.awaitEnd(ANSWER);
        return process.exitValue();
    }

    void awaitReady(Duration bound) {
        Awaitility.await("ready")
                .atMost(bound)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    if (!alive()) {
                        log.awaitEnd(ANSWER);
                        throw new AssertionError("ended with " + process.exitValue() + ":\n" + log.text());
                    }
                    return tls ? log.text().contains("Started StarlingApplication") : answers("/readyz");
                });
    }

    void awaitLive(Duration bound) {
        Awaitility.await()
                .atMost(bound)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> !alive() || answers("/livez"));
        if (!alive()) {
            throw new AssertionError("ended with " + process.exitValue() + ":\n" + log.text());
        }
    }

    /** Whether it is there and says that this is well. */
    boolean answers(String path) {
        try {
            return get(path).statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** The health with all its details, as an operator sees it. */
    String health() {
        String token = Tokens.standard().scope("ops").sign();
        return get("/actuator/health", "Authorization", "Bearer " + token).body();
    }

    /** Processor time that it has used so far. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Kills the process at once. */
    @Override
    public void close() {
        process.destroyForcibly();
        awaitExit(ANSWER);
    }
}
