package dev.starling.journey;

import dev.starling.redis.RedisServer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * The steps by which the {@code Dockerfile} makes the image, run outside of Docker by its own scripts, with another directory in place
 * of {@code /opt/starling}.
 *
 * @param home of a JDK
 * @param directory what becomes {@code /opt/starling}
 */
record ImageSteps(Path home, Path directory) {

    private static final Path SCRIPTS = Path.of("src", "main", "docker").toAbsolutePath();
    private static final Duration BOUND = Duration.ofMinutes(4);

    /** With the JDK that runs this test. */
    static ImageSteps here(Path directory) {
        return new ImageSteps(Path.of(System.getProperty("java.home")), directory);
    }

    /** With the image's Java, by {@code JAVA25_HOME} or from where Linux keeps them; without one the current test ends. */
    static ImageSteps java25(Path directory) {
        Optional<Path> home = Stream.concat(
                        Stream.ofNullable(System.getenv("JAVA25_HOME")).map(Path::of), installed())
                .filter(candidate -> Files.isExecutable(candidate.resolve("bin").resolve("jar")))
                .findFirst();
        if (home.isEmpty()) {
            RealParts.missing("no JDK 25: JAVA25_HOME has to name one");
        }
        return new ImageSteps(home.orElseThrow(), directory);
    }

    private static Stream<Path> installed() {
        File[] homes = new File("/usr/lib/jvm").listFiles((parent, name) -> name.contains("25"));
        return homes == null ? Stream.of() : Arrays.stream(homes).map(File::toPath);
    }

    /** Takes the jar apart and lays the layers over each other. */
    void layer() {
        Path layers = directory.resolveSibling("layers");
        script("layers.sh", System.getProperty("starling.jar"), layers.toString());
        for (String layer : List.of("dependencies", "snapshot-dependencies", "native", "application")) {
            copy(layers.resolve(layer), directory);
        }
        copy(Path.of(System.getProperty("loadtest.jar")), directory.resolve("loadtest.jar"));
        for (String file : List.of("jvm.options", "health.sh")) {
            copy(SCRIPTS.resolve(file), directory.resolve(file));
        }
    }

    /** Makes the AOT cache; returns what the load tool said. */
    String train(int seconds) {
        return script("train.sh", directory.toString(), RedisServer.program().toString(), Integer.toString(seconds));
    }

    /** Whether the image's health check is content with a node at this port. */
    boolean isWell(int port, String path) {
        try (NodeRuntime.Script check = NodeRuntime.start(
                directory,
                Map.of("SERVER_PORT", Integer.toString(port)),
                List.of(directory.resolve("health.sh").toString(), path))) {
            check.output().awaitEnd(Duration.ofSeconds(10));
            return check.exitStatus() == 0;
        }
    }

    /**
     * Starts the server by the image's own entry point, but for what is taken out of it, with more flags for its JVM, and as compose
     * sets it, without Redis.
     */
    ServerProcess start(int managementPort, String flags, String... without) {
        int port = ServerLaunch.freePort();
        List<String> command = new ArrayList<>(entryPoint());
        command.removeAll(List.of(without));
        command.set(0, home.resolve("bin").resolve("java").toString());
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(ComposeFile.read().environment("starling-1"));
        builder.environment()
                .putAll(Map.of(
                        "SERVER_PORT",
                        Integer.toString(port),
                        "MANAGEMENT_SERVER_PORT",
                        Integer.toString(managementPort),
                        "STARLING_BROKER_TYPE",
                        "memory",
                        "STARLING_SECURITY_JWT_SECRET",
                        ServerLaunch.SECRET,
                        "JAVA_TOOL_OPTIONS",
                        flags));
        try {
            ServerProcess server = new ServerProcess(builder.start(), port, false);
            server.awaitReady(BOUND);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> entryPoint() {
        String line = lines(Path.of("Dockerfile")).stream()
                .filter(text -> text.startsWith("ENTRYPOINT "))
                .findFirst()
                .orElseThrow();
        return JsonMapper.shared()
                .readTree(line.substring("ENTRYPOINT ".length()))
                .valueStream()
                .map(word -> word.asString())
                .toList();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String script(String name, String... arguments) {
        List<String> command = new ArrayList<>(List.of(SCRIPTS.resolve(name).toString()));
        command.addAll(List.of(arguments));
        String path = home.resolve("bin") + File.pathSeparator + System.getenv("PATH");
        try (NodeRuntime.Script script = NodeRuntime.start(Path.of("."), Map.of("PATH", path), command)) {
            return script.awaitSuccess(BOUND);
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    // Of its jars the AOT cache knows the time of change.
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
