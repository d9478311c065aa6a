package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code mvnw} on a fresh machine: an empty home, a JDK, and only some of the programs that it can use. It fetches a Maven of
 * our own from a server of our own, by way of the variable for mirrors.
 */
@DisabledOnOs(OS.WINDOWS)
final class WrapperIT {

    private static final List<String> BASICS = List.of(
            "sh",
            "uname",
            "dirname",
            "basename",
            "tr",
            "mktemp",
            "mkdir",
            "cat",
            "chmod",
            "rm",
            "mv",
            "sha256sum",
            "tar",
            "gzip");

    private static final List<String> JDK = List.of("java", "javac", "jar");

    private static final String MAVEN = "#!/bin/sh\nprintf 'maven was given:'\nprintf ' [%s]' \"$@\"\necho\n";
    private static final byte[] ZIP = zip();

    private final List<String> fetched = new ArrayList<>();

    @TempDir
    private Path directory;

    private HttpServer mirror;
    private byte[] served = ZIP;

    @BeforeEach
    void serve() throws IOException {
        mirror = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        mirror.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            fetched.add(path);
            exchange.sendResponseHeaders(path.endsWith("-bin.zip") ? 200 : 404, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(served);
            }
        });
        mirror.start();
    }

    @AfterEach
    void stop() {
        mirror.stop(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unzip", "curl", "wget", "unzip curl", "unzip wget", "curl wget", "unzip curl wget"})
    void startsMavenWithWhateverPrograms(String programs) throws Exception {
        Run first = mvnw(programs, "--version", "two words");
        Run second = mvnw(programs, "-q");

        assertThat(first.status()).as(first.output()).isZero();
        assertThat(first.output()).contains("maven was given: [--version] [two words]");
        assertThat(second.output()).as("installed for good").contains("maven was given: [-q]");
        assertThat(fetched).hasSize(1).allMatch(path -> path.endsWith("-bin.zip"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unzip", "curl", "wget", "unzip curl wget"})
    void mavenOfAnotherSumIsNotStarted(String programs) throws Exception {
        served = Arrays.copyOf(ZIP, ZIP.length + 1);

        Run run = mvnw(programs, "--version");

        assertThat(run.status()).isNotZero();
        assertThat(run.output())
                .contains("Failed to validate Maven distribution SHA-256")
                .doesNotContain("maven was given");
    }

    @Test
    void javaHomeIsEnough() throws Exception {
        Path path = programs("");
        for (String name : JDK) {
            Files.delete(path.resolve(name));
        }

        Run run = run(path, Map.of("JAVA_HOME", System.getProperty("java.home")), "--version");

        assertThat(run.output()).contains("maven was given: [--version]");
    }

    private Run mvnw(String programs, String... arguments) throws Exception {
        return run(programs(programs), Map.of(), arguments);
    }

    private Run run(Path path, Map<String, String> environment, String... arguments) throws Exception {
        Path project = project();
        List<String> command = new ArrayList<>(List.of(project.resolve("mvnw").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(project.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH", path.toString(),
                        "HOME", directory.resolve("home").toString(),
                        "MVNW_REPOURL",
                                "http://127.0.0.1:" + mirror.getAddress().getPort()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), output);
    }

    /** The wrapper as it is in the source, but for the sum. */
    private Path project() throws Exception {
        Path project = directory.resolve("project");
        Path properties = Path.of(".mvn", "wrapper", "maven-wrapper.properties");
        Path copy = project.resolve(properties);
        Files.createDirectories(copy.getParent());
        Files.createDirectories(directory.resolve("home"));
        String sum =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(ZIP));
        Files.writeString(
                copy,
                Files.readString(properties).replaceAll("distributionSha256Sum=\\w+", "distributionSha256Sum=" + sum));
        Files.deleteIfExists(project.resolve("mvnw"));
        Files.copy(Path.of("mvnw"), project.resolve("mvnw"), StandardCopyOption.COPY_ATTRIBUTES);
        return project;
    }

    /** A directory with what every machine has, a JDK, and these programs. */
    private Path programs(String more) throws IOException {
        Path path = directory.resolve("bin");
        if (Files.exists(path)) {
            return path;
        }
        Files.createDirectories(path);
        for (String name : (String.join(" ", BASICS) + " " + more).trim().split(" ", -1)) {
            link(path, RealParts.program(name));
        }
        for (String name : JDK) {
            link(path, Path.of(System.getProperty("java.home"), "bin", name));
        }
        return path;
    }

    private static void link(Path path, Path program) throws IOException {
        Path link = path.resolve(program.getFileName());
        Files.writeString(link, "#!/bin/sh\nexec " + program + " \"$@\"\n");
        assertThat(link.toFile().setExecutable(true)).isTrue();
    }

    /** A Maven that says what it was given, as the registry packs it. */
    private static byte[] zip() {
        try (ByteArrayOutputStream bytes = new ByteArrayOutputStream()) {
            try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
                zip.putNextEntry(new ZipEntry("apache-maven-3.9.16/bin/mvn"));
                zip.write(MAVEN.getBytes(StandardCharsets.US_ASCII));
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What became of one call.
     *
     * @param status of the process
     * @param output of both kinds
     */
    private record Run(int status, String output) {}
}
