package dev.starling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The map of the rooms in {@code .github/CONTRIBUTING.md} is that of the code. */
final class RoomMapTests {

    private static final Path MAP = Path.of(".github", "CONTRIBUTING.md");
    private static final Path SERVER = Path.of("src", "main", "java", "dev", "starling");
    private static final Path LOAD_TOOL = Path.of("src", "loadtest", "java", "dev", "starling");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|.*\\|([^|]+)\\|$");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern TYPE = Pattern.compile("`([A-Z]\\w*[a-z]\\w*)(?:\\.\\w+)?`");
    private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?dev\\.starling\\.([a-z]\\w*)\\.");

    @Test
    void everyRoomIsOnTheMapWithWhatItImports() throws IOException {
        Map<String, Set<String>> map = new TreeMap<>();
        ROW.matcher(Files.readString(MAP)).results().forEach(row -> map.put(row.group(1), names(row.group(2))));

        assertThat(map).containsOnlyKeys(rooms().keySet());
        rooms().forEach((room, directory) ->
                assertThat(map.get(room)).as("what %s may import", room).containsAll(imports(room, directory)));
    }

    @Test
    void everyTypeOnTheMapIsThere() throws IOException {
        Set<String> types = Stream.of(SERVER, LOAD_TOOL, Path.of("src", "test", "java"))
                .flatMap(root -> sources(root).stream())
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .collect(Collectors.toSet());

        assertThat(TYPE.matcher(Files.readString(MAP)).results().map(type -> type.group(1)))
                .isNotEmpty()
                .filteredOn(type ->
                        !List.of("Codec", "Fanout", "Publish", "Receive").contains(type))
                .isSubsetOf(types);
    }

    private static Map<String, Path> rooms() throws IOException {
        Map<String, Path> rooms = new TreeMap<>();
        for (Path root : List.of(SERVER, LOAD_TOOL)) {
            try (Stream<Path> directories = Files.list(root).filter(Files::isDirectory)) {
                directories.forEach(room -> rooms.put(room.getFileName().toString(), room));
            }
        }
        return rooms;
    }

    private static Set<String> imports(String room, Path directory) {
        Set<String> imported = new HashSet<>();
        for (Path file : sources(directory)) {
            IMPORT.matcher(read(file)).results().map(found -> found.group(1)).forEach(imported::add);
        }
        imported.remove(room);
        return imported;
    }

    private static Set<String> names(String cell) {
        return CODE.matcher(cell)
                .results()
                .map(MatchResult::group)
                .map(name -> name.replace("`", ""))
                .collect(Collectors.toSet());
    }

    private static List<Path> sources(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
