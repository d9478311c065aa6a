package dev.starling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The form of the documents: their links lead somewhere, and a newcomer reads the README to its end. */
final class DocumentTests {

    private static final Path README = Path.of("README.md");
    private static final int MAX_README_LINES = 150;
    private static final int MAX_LINE = 120;
    private static final Pattern CODE = Pattern.compile("(?ms)^ *```.*?^ *```$");
    private static final Pattern JAR = Pattern.compile("target/starling-(?:loadtest-)?([0-9][^\\s`]*)\\.jar");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

    @Test
    void readmeIsShort() throws IOException {
        assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(MAX_README_LINES);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void proseEndsAt120Characters(Path page) throws IOException {
        String prose = CODE.matcher(Files.readString(page)).replaceAll("");

        assertThat(prose.lines().filter(line -> !line.startsWith("|")))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(MAX_LINE));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void jarsHaveTheNamesOfTheBuild(Path page) throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));

        assertThat(JAR.matcher(Files.readString(page)).results().map(jar -> jar.group(1)))
                .allSatisfy(version -> assertThat(pom)
                        .contains("<artifactId>starling</artifactId>\n  <version>" + version + "</version>"));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadToFilesAndHeadings(Path page) throws IOException {
        for (String link : links(page)) {
            String[] parts = link.split("#", 2);
            Path target =
                    parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
            assertThat(target).as("%s in %s", link, page).exists();
            if (parts.length == 2) {
                assertThat(anchors(target)).as("%s in %s", link, page).contains(parts[1]);
            }
        }
    }

    static Stream<Path> pages() throws IOException {
        try (Stream<Path> files = Stream.of(".github", "src/docs", "src/main", "helm")
                .map(Path::of)
                .flatMap(DocumentTests::markdown)) {
            return Stream.concat(Stream.of(README), files.toList().stream());
        }
    }

    private static Stream<Path> markdown(Path directory) {
        try {
            return Files.walk(directory).filter(file -> file.toString().endsWith(".md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> links(Path page) throws IOException {
        return LINK.matcher(Files.readString(page))
                .results()
                .map(link -> link.group(1))
                .filter(link -> !link.matches("[a-z]+:.*"))
                .collect(Collectors.toSet());
    }

    /** As GitHub makes them of headings. */
    private static Set<String> anchors(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page))
                .results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).strip())
                .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
