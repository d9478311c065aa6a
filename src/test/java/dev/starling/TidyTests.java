package dev.starling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a reader should not have to point out. */
final class TidyTests {

    private static final int MAX_LINES = 400;
    private static final int MAX_LINES_OF_TESTS = 700;
    private static final int MAX_FILES = 40;
    private static final Pattern UNFINISHED = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b");
    private static final Pattern SLEEP = Pattern.compile("\\bThread\\.s" + "leep\\(");

    @Test
    void filesAreShortEnoughToBeRead() {
        assertThat(sources())
                .filteredOn(file -> lines(file).size() > maxLines(file))
                .isEmpty();
    }

    @Test
    void nothingIsLeftUnfinished() {
        assertThat(sources()).filteredOn(file -> contains(file, UNFINISHED)).isEmpty();
    }

    @Test
    void nothingSleepsInPlaceOfACondition() {
        assertThat(sources()).filteredOn(file -> contains(file, SLEEP)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"main", "loadtest"})
    void everyPackageSaysWhatItIs(String root) {
        assertThat(folders(Path.of("src", root, "java", "dev", "starling")))
                .isNotEmpty()
                .allSatisfy(folder -> assertThat(Files.readString(folder.resolve("package-info.java")))
                        .contains("@NullMarked", "/**"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"loadtest/java/dev/starling/loadtest", "main/java/dev/starling/redis"})
    void noFolderHoldsMoreThanOneCanTakeIn(String room) {
        assertThat(folders(Path.of("src", room)))
                .isNotEmpty()
                .allSatisfy(folder -> assertThat(files(folder)).hasSizeLessThanOrEqualTo(MAX_FILES));
    }

    @Test
    void lockFilesNameNoRegistry() {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            List<Path> locks =
                    files.filter(file -> file.endsWith("package-lock.json")).toList();

            assertThat(locks)
                    .isNotEmpty()
                    .allSatisfy(lock -> assertThat(Files.readString(lock)).doesNotContain("\"resolved\""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> folders(Path top) {
        try (Stream<Path> files = Files.walk(top)) {
            return files.filter(file -> Files.isDirectory(file) && !file.endsWith("starling"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int maxLines(Path file) {
        return file.startsWith(Path.of("src", "test")) ? MAX_LINES_OF_TESTS : MAX_LINES;
    }

    private static List<Path> sources() {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            return files.filter(file -> file.toString().matches("(?!.*node_modules).*\\.(java|m?js|yml)"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean contains(Path file, Pattern pattern) {
        return lines(file).stream().anyMatch(line -> pattern.matcher(line).find());
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
