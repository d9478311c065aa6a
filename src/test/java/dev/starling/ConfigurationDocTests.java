package dev.starling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code src/docs/configuration.md} lists the properties of the build's configuration metadata, and nothing else: the
 * Javadoc of the property records is the only place where they are described.
 */
final class ConfigurationDocTests {

    private static final Path PAGE = Path.of("src", "docs", "configuration.md");
    private static final String BEGIN = "<!-- Generated from the @param comments of the property records. -->\n";
    private static final String END = "<!-- End of the generated part. -->\n";
    private static final String REGENERATE = "./mvnw test -Dtest=ConfigurationDocTests -Dstarling.docs.write=true";
    private static final int WIDTH = 120;
    private static final Pattern LIST = Pattern.compile("java\\.util\\.List<(dev\\.starling\\..+)>");
    private static final Pattern CODE = Pattern.compile("\\{@code\\s+((?:[^{}]|\\{[^{}]*\\})*)\\}");
    private static final Map<String, String> TYPES = Map.of(
            "java.lang.Boolean", "boolean",
            "java.lang.Integer", "integer",
            "java.lang.String", "text",
            "java.time.Duration", "duration",
            "java.util.List<java.lang.String>", "list",
            "org.springframework.util.unit.DataSize", "size");

    @Test
    void pageListsThePropertiesOfTheBuild() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        assertThat(begin).as("the page has %s", BEGIN).isGreaterThanOrEqualTo(BEGIN.length());
        assertThat(end).as("the page has %s", END).isGreaterThanOrEqualTo(begin);
        String expected = page.substring(0, begin) + reference() + page.substring(end);
        if (Boolean.getBoolean("starling.docs.write")) {
            Files.writeString(PAGE, expected);
        }

        assertThat(Files.readString(PAGE))
                .as("%s differs from the configuration metadata; write it anew with: %s", PAGE, REGENERATE)
                .isEqualTo(expected);
    }

    @Test
    void everyPropertyHasADescriptionInPlainText() throws IOException {
        assertThat(properties().values()).allSatisfy(property -> {
            String text = description(property);
            assertThat(text).as("the description of %s", property).matches("(?s)[A-Z`].*\\.");
            assertThat(text).as("Javadoc that Markdown does not know").doesNotContain("{@");
        });
    }

    private static String reference() throws IOException {
        Map<String, List<Map.Entry<String, JsonNode>>> groups = properties().entrySet().stream()
                .collect(
                        Collectors.groupingBy(property -> group(property.getKey()), TreeMap::new, Collectors.toList()));
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, List<Map.Entry<String, JsonNode>>> group : groups.entrySet()) {
            text.append("\n### ").append(group.getKey()).append("\n\n");
            for (Map.Entry<String, JsonNode> property : group.getValue()) {
                String head = "- **`" + property.getKey() + "`** (" + kind(property.getValue()) + "): ";
                text.append(wrapped(head + description(property.getValue())));
            }
        }
        return text.append('\n').toString();
    }

    /** By name. The options of a rule or key of a list take the place of the list. */
    private static Map<String, JsonNode> properties() throws IOException {
        Map<String, JsonNode> found = new TreeMap<>();
        for (JsonNode property : read("META-INF/spring-configuration-metadata.json")) {
            String name = property.path("name").asString();
            var element = LIST.matcher(property.path("type").asString());
            if (!element.matches()) {
                add(found, name, property);
                continue;
            }
            String file = "META-INF/spring/configuration-metadata/" + element.group(1) + ".json";
            for (JsonNode option : read(file)) {
                add(found, name + "[n]." + option.path("name").asString(), option);
            }
        }
        return found;
    }

    private static void add(Map<String, JsonNode> properties, String name, JsonNode property) {
        assertThat(properties.put(name, property))
                .as("%s is bound by two records, so an IDE knows one of them only", name)
                .isNull();
    }

    private static JsonNode read(String resource) throws IOException {
        try (InputStream in = StarlingApplication.class.getClassLoader().getResourceAsStream(resource)) {
            assertThat(in)
                    .as("%s: annotate the record with @ConfigurationPropertiesSource", resource)
                    .isNotNull();
            return JsonMapper.shared().readTree(in).required("properties");
        }
    }

    private static String group(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }

    private static String kind(JsonNode property) {
        String type = property.path("type").asString();
        String kind = TYPES.containsKey(type) ? TYPES.get(type) : choices(type);
        JsonNode value = property.path("defaultValue");
        String shown = value.isMissingNode() ? "" : value.asString();
        return shown.isEmpty() ? kind : kind + ", default `" + shown + "`";
    }

    private static String choices(String type) {
        try {
            return Arrays.stream(Class.forName(type).getEnumConstants())
                    .map(value ->
                            ((Enum<?>) value).name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .collect(Collectors.joining("`, `", "one of `", "`"));
        } catch (ClassNotFoundException e) {
            throw new AssertionError(type + " has no name on the page", e);
        }
    }

    private static String description(JsonNode property) {
        String text = property.path("description").asString("").replaceAll("\\s+", " ");
        return CODE.matcher(text).replaceAll("`$1`");
    }

    /** One item of a list. What stands between backticks stays on one line. */
    private static String wrapped(String item) {
        StringBuilder text = new StringBuilder();
        int column = 0;
        for (String word : words(item).toList()) {
            if (column > 0 && column + 1 + word.length() > WIDTH) {
                text.append("\n  ");
                column = 2;
            } else if (column > 0) {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
        }
        return text.append('\n').toString();
    }

    private static Stream<String> words(String item) {
        return Pattern.compile("(?:[^\\s`]|`[^`]*`)+").matcher(item).results().map(java.util.regex.MatchResult::group);
    }
}
