package dev.starling.api;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One of the documents that say what a node serves.
 *
 * @param text as it is served
 * @param tree the same, with the anchors of YAML resolved, but not its references
 */
public record ApiDocument(String text, JsonNode tree) {

    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final List<String> METHODS = List.of("get", "put", "post", "delete", "patch", "head", "options");

    /**
     * A call of the HTTP API.
     *
     * @param method in upper case
     * @param parameters those of the path, too
     */
    public record Operation(String path, String method, JsonNode tree, List<JsonNode> parameters) {

        public String id() {
            return tree.required("operationId").asString();
        }
    }

    /** One of the documents as the build has made it. */
    public static ApiDocument read(String name) {
        String path = "/static/api/" + name;
        try (InputStream in = Objects.requireNonNull(ApiDocument.class.getResourceAsStream(path), path)) {
            return of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A document that is somewhere else. */
    public static ApiDocument of(String text) {
        Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
        return new ApiDocument(text, JsonMapper.shared().valueToTree(tree));
    }

    /** All calls of the HTTP API. */
    public List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        tree.required("paths")
                .forEachEntry((path, item) -> METHODS.stream().filter(item::has).forEach(method -> {
                    JsonNode operation = item.required(method);
                    List<JsonNode> parameters = Stream.of(item, operation)
                            .flatMap(part -> part.path("parameters").valueStream())
                            .map(this::resolve)
                            .toList();
                    operations.add(new Operation(path, method.toUpperCase(Locale.ROOT), operation, parameters));
                }));
        return operations;
    }

    /** The call of this id. */
    public Operation operation(String id) {
        return operations().stream()
                .filter(operation -> operation.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** What a part of the document stands for: itself, or what it refers to. */
    public JsonNode resolve(JsonNode part) {
        return part.has("$ref")
                ? resolve(tree.requiredAt(part.get("$ref").asString().substring(1)))
                : part;
    }

    /** A schema of the document by its name. */
    public JsonNode schema(String name) {
        return tree.required("components").required("schemas").required(name);
    }

    /** The same schema for the one who wrote the document: properties that it does not name are faults. */
    public Schema closed(JsonNode schema) {
        return SCHEMAS.getSchema(inlined(schema, true));
    }

    private JsonNode inlined(JsonNode reference, boolean closes) {
        JsonNode schema = resolve(reference);
        if (!schema.isObject()) {
            return schema;
        }
        ObjectNode copy = JsonMapper.shared().createObjectNode();
        schema.forEachEntry((keyword, value) -> copy.set(
                keyword,
                switch (keyword) {
                    case "properties" -> inlinedEach(value);
                    case "items", "additionalProperties" -> inlined(value, true);
                    case "oneOf" -> inlinedAll(value, closes);
                    case "allOf" -> inlinedAll(value, false);
                    default -> value;
                }));
        if (closes && (schema.has("properties") || schema.has("allOf"))) {
            copy.put("unevaluatedProperties", false);
        }
        return copy;
    }

    private JsonNode inlinedEach(JsonNode schemas) {
        ObjectNode copy = JsonMapper.shared().createObjectNode();
        schemas.forEachEntry((name, schema) -> copy.set(name, inlined(schema, true)));
        return copy;
    }

    private JsonNode inlinedAll(JsonNode schemas, boolean closes) {
        ArrayNode copy = JsonMapper.shared().createArrayNode();
        schemas.forEach(schema -> copy.add(inlined(schema, closes)));
        return copy;
    }
}
