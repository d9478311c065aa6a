package dev.starling.journey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code docker-compose.yml} says.
 *
 * @param tree all of it, with anchors and merge keys resolved, and with the defaults of its variables
 */
record ComposeFile(JsonNode tree) {

    private static final Pattern DEFAULT = Pattern.compile("\\$\\{\\w+:-([^}]*)}");

    static ComposeFile read() {
        return new ComposeFile(yaml(Path.of("docker-compose.yml")));
    }

    /** Any YAML file. */
    static JsonNode yaml(Path file) {
        try {
            String text = DEFAULT.matcher(Files.readString(file)).replaceAll("$1");
            Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
            return JsonMapper.shared().valueToTree(tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode service(String name) {
        return tree.required("services").required(name);
    }

    Map<String, JsonNode> services() {
        Map<String, JsonNode> services = new TreeMap<>();
        tree.required("services").forEachEntry(services::put);
        return services;
    }

    /** The nodes of Starling among them. */
    Map<String, JsonNode> nodes() {
        Map<String, JsonNode> nodes = services();
        nodes.keySet().removeIf(name -> !name.matches("starling-\\d+"));
        return nodes;
    }

    /** The environment of a service. */
    Map<String, String> environment(String service) {
        Map<String, String> variables = new TreeMap<>();
        service(service).required("environment").forEachEntry((name, value) -> variables.put(name, value.asString()));
        return variables;
    }
}
