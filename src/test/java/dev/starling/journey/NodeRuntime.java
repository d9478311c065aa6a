package dev.starling.journey;

import dev.starling.redis.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Node, with the packages of {@code src/test/javascript} installed below {@code target}: once for each build, by
 * whichever test JVM is first.
 */
final class NodeRuntime {

    private static final Path SOURCES = Path.of("src", "test", "javascript");
    private static final Path COPY = Path.of("target", "javascript");
    private static final Path INSTALLED = Path.of("target", "javascript.installed");
    private static final Path CLIENT = Path.of("src", "main", "javascript", "index.js");
    private static final Duration INSTALL = Duration.ofMinutes(2);

    /** How npm says that it can't reach its registry. */
    private static final List<String> OFFLINE =
            List.of("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "ERR_SOCKET_TIMEOUT");

    private static boolean installed;

    /** A running script. Closing it kills it, and what it has started. */
    record Script(Process process, ProcessOutput output) implements AutoCloseable {

        /** Waits for its end and returns all that it wrote; fails unless it ended well. */
        String awaitSuccess(Duration bound) {
            output.awaitEnd(bound);
            int status = exitStatus();
            if (status != 0) {
                throw new AssertionError("ended with " + status + ":\n" + output.text());
            }
            return output.text();
        }

        int exitStatus() {
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    throw new AssertionError("output ended, process did not");
                }
                return process.exitValue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private NodeRuntime() {}

    /** Node ready to run; without Node or a registry the current test ends as {@link RealParts} decides. */
    static synchronized NodeRuntime get() {
        if (!installed) {
            require("node");
            require("npm");
            installOnce();
            installed = true;
        }
        return new NodeRuntime();
    }

    /** Starts a script with arguments. */
    Script run(String name, String... arguments) {
        return run(Map.of(), name, arguments);
    }

    /** Starts a script with arguments, and with these variables in its environment. */
    Script run(Map<String, String> environment, String name, String... arguments) {
        List<String> command = new ArrayList<>(List.of("node", name));
        command.addAll(List.of(arguments));
        return start(COPY, environment, command);
    }

    /** Runs a line of a shell where the packages are; what it reads from the keyboard does not come. */
    Script shell(Map<String, String> environment, String line) {
        return start(COPY, environment, List.of("sh", "-c", "tail -f /dev/null | " + line));
    }

    /** What {@code run.mjs} has to know of this build to start servers of its own. */
    static Map<String, String> environment(RedisServer redis) {
        return Map.of(
                "STARLING_JAR", ServerImage.get().jar().toString(),
                "STARLING_JVM", String.join(" ", ServerImage.get().flags()),
                "STARLING_JAVA",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "STARLING_CLIENT", CLIENT.toUri().toString(),
                "STARLING_REDIS_PORT", Integer.toString(redis.port()));
    }

    private static void require(String program) {
        try {
            Process process = new ProcessBuilder(program, "--version").start();
            if (process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0) {
                return;
            }
        } catch (IOException e) {
            // not there
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        RealParts.missing(program + " is not installed");
    }

    private static void installOnce() {
        try (FileChannel channel = FileChannel.open(
                Path.of("target", "javascript.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock(); // until it is closed
            if (!ServerImage.isOfThisBuild(INSTALLED)) {
                copySources();
                install();
                Files.writeString(INSTALLED, "");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copySources() {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(NodeRuntime::isSource).toList()) {
                Path copy = COPY.resolve(SOURCES.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What was installed there by hand stays there. */
    private static boolean isSource(Path file) {
        return Files.isRegularFile(file) && !file.startsWith(SOURCES.resolve("node_modules"));
    }

    private static void install() {
        try (Script npm = start(COPY, Map.of(), List.of("npm", "ci", "--ignore-scripts", "--fetch-retries=1"))) {
            npm.output().awaitEnd(INSTALL);
            String text = npm.output().text();
            if (npm.exitStatus() == 0) {
                return;
            }
            if (OFFLINE.stream().anyMatch(text::contains)) {
                RealParts.missing("npm can't reach its registry");
            }
            throw new AssertionError("npm ci failed:\n" + text);
        }
    }

    /** Starts any program. */
    static Script start(Path directory, Map<String, String> environment, List<String> command) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            return new Script(process, new ProcessOutput(process));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
