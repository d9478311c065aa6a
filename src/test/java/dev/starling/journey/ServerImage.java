package dev.starling.journey;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * The server as an image has it: unpacked, with an archive of its classes, so that it starts with half the work. Made once for each jar,
 * by whichever test JVM is first.
 *
 * @param jar the unpacked one
 * @param flags for the JVM
 */
record ServerImage(Path jar, List<String> flags) {

    private static final Path HOME = Path.of("target", "journeys", "image").toAbsolutePath();
    private static final Path APP = HOME.resolve("app");
    private static final Path ARCHIVE = HOME.resolve("classes.jsa");

    /** For a JVM that lives shortly: with others, its start takes twice the processor time. */
    static final List<String> FRUGAL = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private static @Nullable ServerImage made;

    /** The jar that the build has made. */
    static Path plainJar() {
        String jar = System.getProperty("starling.jar");
        if (jar == null) {
            throw new AssertionError("system property starling.jar is not set: run by way of ./mvnw verify");
        }
        return Path.of(jar);
    }

    static synchronized ServerImage get() {
        ServerImage image = made;
        if (image == null) {
            image = make(plainJar());
            made = image;
        }
        return image;
    }

    private static ServerImage make(Path plain) {
        Path jar = APP.resolve(plain.getFileName());
        try {
            Files.createDirectories(HOME.getParent());
            try (FileChannel channel = FileChannel.open(
                    HOME.resolveSibling("image.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                channel.lock(); // until it is closed
                if (!isOfThisBuild(ARCHIVE)) {
                    unpack(plain, jar);
                }
                List<String> flags = new ArrayList<>(FRUGAL);
                flags.addAll(List.of("-XX:SharedArchiveFile=" + ARCHIVE, "-Xlog:cds=off", "-Xlog:cds+dynamic=off"));
                return new ServerImage(jar, flags);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it was made after the jar of the server. */
    static boolean isOfThisBuild(Path file) throws IOException {
        return Files.exists(file)
                && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(plainJar())) > 0;
    }

    private static void unpack(Path plain, Path jar) throws IOException {
        FileSystemUtils.deleteRecursively(HOME);
        Files.createDirectories(HOME);
        run(List.of("-Djarmode=tools", "-jar", plain.toString(), "extract", "--destination", APP.toString()));
        List<String> start = new ArrayList<>(FRUGAL);
        start.addAll(List.of(
                "-XX:ArchiveClassesAtExit=" + ARCHIVE,
                "-Dspring.context.exit=onRefresh",
                "-jar",
                jar.toString(),
                "--server.port=0"));
        run(start);
    }

    private static void run(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(arguments);
        File log = HOME.resolve("image.log").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        try {
            if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError("no image: " + Files.readString(log.toPath()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The command that runs Java. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
