package dev.starling.journey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One run of the load tool, in a process of its own.
 *
 * @param status how it ended
 * @param output what it wrote to standard output
 * @param errors what it wrote to standard error
 */
record LoadTool(int status, String output, String errors) {

    private static final long BOUND_SECONDS = 60;

    /** Runs it with these words as its arguments; several may be in one string, with blanks between them. */
    static LoadTool run(String... words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-jar",
                System.getProperty("loadtest.jar")));
        Stream.of(words).flatMap(some -> Stream.of(some.split(" "))).forEach(command::add);
        try {
            Path errors = Files.createTempFile("load-tool", ".err");
            Path output = Files.createTempFile("load-tool", ".out");
            Process process = new ProcessBuilder(command)
                    .redirectError(errors.toFile())
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running: " + Files.readString(errors));
            }
            return new LoadTool(process.exitValue(), taken(output), taken(errors));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static String taken(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        Files.delete(file);
        return text;
    }

    JsonNode json() {
        return JsonMapper.shared().readTree(output);
    }
}
