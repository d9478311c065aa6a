package dev.starling.journey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The programs of {@code src/docs/clients.md}, as they stand there. */
class ClientsDocIT {

    private static final Path PAGE = Path.of("src", "docs", "clients.md");
    private static final Path DIRECTORY =
            Path.of("target", "clients-" + ProcessHandle.current().pid());
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final String DOCUMENTED = "news";
    private static final String DOCUMENTED_ADDRESS = "ws://localhost:8080/ws";

    @Test
    void javaProgramListens() {
        Path program = write("Listen.java", block("java", "java"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String token = Tokens.standard().sign();
        listens(
                "open:java",
                NodeRuntime.start(
                        DIRECTORY,
                        Map.of("CLASSPATH", System.getProperty("java.class.path")),
                        List.of(java, program.getFileName().toString(), address(), token)));
    }

    @Test
    void pythonProgramListens() {
        Path program = write("listen.py", block("python", "python"));
        listens(
                "open:python",
                NodeRuntime.start(
                        DIRECTORY,
                        Map.of(),
                        List.of(
                                python(),
                                program.getFileName().toString(),
                                address(),
                                Tokens.standard().sign())));
    }

    @Test
    void commandLineListens() {
        String line = block("sh", "sh").replace(DOCUMENTED_ADDRESS, address());
        listens(
                "open:sh",
                NodeRuntime.get().shell(Map.of("TOKEN", Tokens.standard().sign()), line.strip()));
    }

    /** It subscribes, and shows what is published then. */
    private static void listens(String channel, NodeRuntime.Script listening) {
        try (NodeRuntime.Script program = listening;
                ClientSession publisher = ClientSession.open(StandardServer.get())) {
            program.output().await(line -> line.contains("\"subscribed\"") && line.contains(channel), BOUND);
            publisher.publish(channel, "\"from the page\"");
            program.output().await(line -> line.contains("\"message\"") && line.contains("from the page"), BOUND);
        }
    }

    private static String address() {
        return StandardServer.get().socket().toString();
    }

    /** The one block of this language, with a channel of the test's own in it. */
    private static String block(String language, String test) {
        Matcher blocks =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(read(PAGE));
        if (!blocks.find()) {
            throw new AssertionError(PAGE + " has no program in " + language);
        }
        String program = blocks.group(1);
        if (!program.contains(DOCUMENTED)) {
            throw new AssertionError("the program in " + language + " does not subscribe to " + DOCUMENTED);
        }
        return program.replace(DOCUMENTED, "open:" + test);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path write(String name, String program) {
        try {
            Files.createDirectories(DIRECTORY);
            return Files.writeString(DIRECTORY.resolve(name), program);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A Python that has {@code websockets}: the first one, or the system's, whose packages apt installs. */
    private static String python() {
        for (String python : List.of("python3", "/usr/bin/python3")) {
            if (hasWebsockets(python)) {
                return python;
            }
        }
        RealParts.missing("there is no Python with the package websockets");
        throw new AssertionError("unreachable");
    }

    private static boolean hasWebsockets(String python) {
        try {
            Process process = new ProcessBuilder(python, "-c", "import websockets")
                    .redirectErrorStream(true)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
