package dev.starling;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Clients choose names so that their hashes are equal. The hash tables of the JDK sort the keys of a full bin, so that each costs
 * log n, but only if the keys' own class is {@link Comparable}; the immutable ones of {@code Map.copyOf} never do.
 */
@AnalyzeClasses(packages = "dev.starling", importOptions = ImportOption.DoNotIncludeTests.class)
final class MapKeysTests {

    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern KEY = Pattern.compile("\\b(?!Tree|ConcurrentSkipList|Enum)\\w*(?:Map|Set)<([\\w.]+)");
    private static final Pattern IMPORT = Pattern.compile("import ([\\w.]+\\.(\\w+));");

    @ArchTest
    static final ArchRule noneIsCopiedToATableThatNeverSorts = noClasses()
            .should()
            .callMethod(Map.class, "copyOf", Map.class)
            .orShould()
            .callMethod(Set.class, "copyOf", Collection.class)
            .orShould()
            .callMethod(Collectors.class, "toUnmodifiableSet");

    @Test
    void keysOfAllMapsCanBeSortedOrAreChosenByNoClient() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            assertThat(sources.stream().flatMap(MapKeysTests::keys))
                    .hasSizeGreaterThan(50)
                    .allSatisfy(key -> assertThat(isSortable(key) || isIdentity(key))
                            .as(key.toString())
                            .isTrue());
        }
    }

    private static Stream<Class<?>> keys(Path source) {
        String text = read(source);
        return KEY.matcher(text)
                .results()
                .map(match -> match.group(1))
                .filter(name -> name.length() > 1) // else it is a type parameter
                .map(name -> resolve(source, text, name));
    }

    /** Compared with its own class, as HashMap wants it. */
    private static boolean isSortable(Class<?> key) {
        return Arrays.stream(key.getGenericInterfaces())
                .anyMatch(type -> type instanceof ParameterizedType compared
                        && compared.getRawType() == Comparable.class
                        && compared.getActualTypeArguments()[0] == key);
    }

    /** Hashed by address, a number that the JVM draws at random. */
    private static boolean isIdentity(Class<?> key) {
        if (key.isInterface() || key.isEnum()) {
            return key.getPackageName().startsWith("io.netty") || key.isEnum();
        }
        try {
            return key.getMethod("hashCode").getDeclaringClass() == Object.class;
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }

    private static Class<?> resolve(Path source, String text, String name) {
        String outer =
                SOURCES.relativize(source).toString().replace(".java", "").replace('/', '.');
        String room = outer.substring(0, outer.lastIndexOf('.'));
        String first = name.replaceFirst("\\..*", "");
        String nested = name.substring(first.length()).replace('.', '$');
        Stream<String> imported = IMPORT.matcher(text)
                .results()
                .filter(match -> match.group(2).equals(first))
                .map(match -> match.group(1) + nested);
        return Stream.concat(
                        imported, Stream.of(outer + '$' + first, room + '.' + first + nested, "java.lang." + first))
                .flatMap(MapKeysTests::load)
                .findFirst()
                .orElseThrow(() -> new AssertionError(source + " has a key of unknown type " + name));
    }

    private static Stream<Class<?>> load(String name) {
        try {
            return Stream.of(Class.forName(name, false, MapKeysTests.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            return Stream.empty();
        }
    }

    private static String read(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
