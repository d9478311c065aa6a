package dev.starling.journey;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** What becomes of a test when a program that it needs is not on this machine: skipped at a desk, failed in CI. */
final class RealParts {

    private RealParts() {}

    /** Where one of these programs is, the first that there is; without any of them the current test ends. */
    static Path program(String... names) {
        List<String> directories = List.of(System.getenv("PATH").split(File.pathSeparator));
        Optional<Path> found = Arrays.stream(names)
                .flatMap(name -> directories.stream().map(directory -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
        if (found.isEmpty()) {
            missing(names[0] + " is not installed");
        }
        return found.orElseThrow();
    }

    /** Ends the current test, for want of a part. */
    static void missing(String reason) {
        if ("true".equalsIgnoreCase(System.getenv("CI"))) {
            throw new AssertionError("CI has to provide all parts: " + reason);
        }
        Assumptions.abort(reason);
    }
}
