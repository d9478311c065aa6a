package dev.starling.journey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * How to start a server, from the {@link ServerImage}.
 *
 * @param port where it will listen
 * @param jvm flags of its JVM
 * @param properties {@code name=value} each
 */
record ServerLaunch(int port, List<String> jvm, List<String> properties) {

    /** The key of {@link Tokens#standard()}. */
    static final String SECRET = "journeys-sign-with-this-secret-of-40-byte";

    private static final int PORTS = 3_000;

    /** Test JVMs that run side by side have a part of the ports each: one may be free because its server is restarted. */
    private static final int FIRST_PORT = 20_000 + Integer.getInteger("starling.fork", 0) % 4 * PORTS;

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Duration START = Duration.ofSeconds(90);

    /** A server that knows {@link #SECRET} and, unless the properties say otherwise, opens what the journeys use. */
    static ServerLaunch with(String... properties) {
        return bare(
                Stream.concat(Arrays.stream(OPEN), Arrays.stream(properties)).toArray(String[]::new));
    }

    /** A server with these properties only. */
    static ServerLaunch bare(String... properties) {
        return new ServerLaunch(freePort(), List.of("-Xmx256m"), List.of(properties));
    }

    private static final String[] OPEN = {
        "starling.security.jwt.secret=" + SECRET,
        "starling.channels[0].pattern=open:*",
        "starling.channels[0].subscribe=anyone",
        "starling.channels[0].publish=anyone",
        "starling.channels[1].pattern=token:*",
        "starling.channels[1].subscribe=token",
        "starling.channels[1].publish=token",
        "starling.channels[2].pattern=shut:*",
        "starling.channels[2].subscribe=nobody",
        "starling.channels[2].publish=nobody",
        "starling.channels[3].pattern=inbox:{user}:*",
        "starling.channels[3].subscribe=anyone",
        "starling.channels[3].publish=nobody",
    };

    /** The same with more properties. */
    ServerLaunch and(String... more) {
        return new ServerLaunch(
                port,
                jvm,
                Stream.concat(properties.stream(), Arrays.stream(more)).toList());
    }

    /** The same with other flags for the JVM. */
    ServerLaunch jvm(String... flags) {
        return new ServerLaunch(port, List.of(flags), properties);
    }

    /** The same on a port of one's own. */
    ServerLaunch onPort(int other) {
        return new ServerLaunch(other, jvm, properties);
    }

    /** Starts the process and waits until it is ready. */
    ServerProcess start() {
        ServerProcess server = launch();
        try {
            server.awaitReady(START);
            return server;
        } catch (RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    /** Starts the process and waits until it is alive, though maybe not ready. */
    ServerProcess startUnready() {
        ServerProcess server = launch();
        try {
            server.awaitLive(START);
            return server;
        } catch (RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    /** Starts the process, expects it to end by itself with an error, and returns what it wrote. */
    String startAndFail() {
        try (ServerProcess server = launch()) {
            int status = server.awaitExit(START);
            if (status == 0) {
                throw new AssertionError(
                        "ended without an error:\n" + server.log().text());
            }
            return server.log().text();
        }
    }

    /** A port that was free just now, below the range from which the kernel takes the ports of outgoing connections. */
    static int freePort() {
        for (int attempt = 0; attempt < 100; attempt++) {
            int candidate = ThreadLocalRandom.current().nextInt(FIRST_PORT, FIRST_PORT + PORTS);
            try (ServerSocket socket = new ServerSocket(candidate)) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // taken: try another
            }
        }
        throw new AssertionError("no free port in 100 attempts");
    }

    /** Starts the process and waits for nothing. */
    ServerProcess launch() {
        List<String> command = new ArrayList<>();
        command.add(ServerImage.java());
        command.addAll(ServerImage.get().flags());
        command.addAll(jvm);
        command.addAll(List.of("-jar", ServerImage.get().jar().toString()));
        command.add("--server.port=" + port);
        properties.forEach(property -> command.add("--" + property));
        try {
            Path directory = Path.of(
                    "target", "journeys", "server-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
            Files.createDirectories(directory);
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            return new ServerProcess(process, port, properties.stream().anyMatch(p -> p.startsWith("server.ssl.")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
