package dev.starling.helm;

import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What objects must be that others than Kubernetes read, by the schemas of their own definitions: kubernetes-sigs/gateway-api
 * v1.6.1 (standard channel), kedacore/keda v2.20.2, prometheus-operator/prometheus-operator v0.93.0, all Apache 2.0. Left out of
 * them are descriptions, defaults, the status and rules in CEL. Fields that they do not name, and a cluster would drop without a
 * word, are faults here.
 */
final class CustomResources {

    private static final JsonNode SCHEMAS = read();

    private CustomResources() {}

    static boolean has(JsonNode object) {
        return SCHEMAS.has(type(object));
    }

    static List<Error> faults(JsonNode object) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                .getSchema(SCHEMAS.required(type(object)))
                .validate(object);
    }

    private static String type(JsonNode object) {
        return object.path("apiVersion").asString() + " " + object.path("kind").asString();
    }

    private static JsonNode read() {
        try (InputStream in = CustomResources.class.getResourceAsStream("/crds.json")) {
            return JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
