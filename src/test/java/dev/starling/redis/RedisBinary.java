package dev.starling.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/** The {@code redis-server} program that the embedded-redis library carries for this machine. */
final class RedisBinary {

    private static final Path DIRECTORY = Path.of("target", "redis");

    private RedisBinary() {}

    /** Where it is; unpacked when asked for the first time. */
    static synchronized Path path() {
        String name = "redis-server-7.0.15-" + system() + "-" + architecture();
        Path program = DIRECTORY.resolve(name).toAbsolutePath();
        if (!Files.isExecutable(program)) {
            unpack(name, program);
        }
        return program;
    }

    private static void unpack(String name, Path program) {
        try (InputStream in = RedisBinary.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new AssertionError("embedded-redis has no " + name);
            }
            Files.createDirectories(program.getParent());
            // Another JVM may be at it: nobody shall run, or overwrite, half a program.
            Path own = Files.createTempFile(program.getParent(), name, ".part");
            Files.copy(in, own, StandardCopyOption.REPLACE_EXISTING);
            if (!own.toFile().setExecutable(true)) {
                throw new AssertionError("cannot make executable: " + own);
            }
            Files.move(own, program, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String system() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
    }

    private static String architecture() {
        return System.getProperty("os.arch").matches("aarch64|arm64") ? "arm64" : "amd64";
    }
}
