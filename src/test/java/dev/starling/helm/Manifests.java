package dev.starling.helm;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What Helm made of the chart: objects of Kubernetes, none with a key that it has twice. */
public final class Manifests {

    private static final Pattern BORDER = Pattern.compile("(?m)^---\\s*$");

    private final List<String> texts;

    Manifests(String rendered) {
        texts = BORDER.splitAsStream(rendered)
                .filter(text -> !text.replaceAll("(?m)^#.*$", "").isBlank())
                .toList();
    }

    /** As they are, one by one. */
    List<String> texts() {
        return texts;
    }

    /** As trees. */
    Stream<JsonNode> all() {
        return texts.stream().map(Manifests::tree);
    }

    Stream<JsonNode> kind(String kind) {
        return all().filter(object -> object.path("kind").asString().equals(kind));
    }

    /** The only one of its kind, or of its kind and the end of its name. */
    JsonNode one(String kind, String suffix) {
        List<JsonNode> found = kind(kind)
                .filter(object -> object.at("/metadata/name").asString().endsWith(suffix))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " of kind " + kind + " with a name that ends with " + suffix);
        }
        return found.get(0);
    }

    JsonNode one(String kind) {
        return one(kind, "");
    }

    JsonNode deployment() {
        return one("Deployment");
    }

    /** The server's container. */
    public JsonNode container() {
        return deployment().at("/spec/template/spec/containers/0");
    }

    /** What the server gets as its configuration. */
    public String applicationYml() {
        return one("ConfigMap", "push-starling").at("/data/application.yml").asString();
    }

    /** The same by names of properties: the file is flat. */
    public Map<String, String> properties() {
        JsonNode tree = tree(applicationYml());
        return tree.propertyStream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, property -> property.getValue().asString()));
    }

    /** Every pod that may come of it: of Deployments, StatefulSets and Jobs, and the one of the test. */
    Stream<JsonNode> pods() {
        return Stream.concat(
                kind("Pod").map(pod -> pod.path("spec")),
                all().map(object -> object.at("/spec/template/spec")).filter(JsonNode::isObject));
    }

    /** @throws org.yaml.snakeyaml.constructor.DuplicateKeyException if a key is there twice */
    static JsonNode tree(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        Object loaded = new Yaml(new SafeConstructor(options)).load(yaml);
        return JsonMapper.shared().valueToTree(Objects.requireNonNull(loaded));
    }
}
