package dev.starling.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.api.ApiDocument.Operation;
import dev.starling.protocol.BatchEntry;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.FrameLimits;
import dev.starling.protocol.MalformedFrameException;
import io.swagger.v3.parser.OpenAPIV3Parser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The document that describes the HTTP API, by itself and beside the handlers; OpenApiIT holds it against a server. */
final class OpenApiTests {

    private static final ApiDocument DOCUMENT = ApiDocument.read("openapi.yaml");

    @Test
    void documentIsValid() {
        assertThat(faults(DOCUMENT.text())).isEmpty();
        assertThat(DOCUMENT.tree().at("/info/version").asString()).matches("\\d+\\.\\d+.*");
    }

    @ParameterizedTest
    @CsvSource({"operationId:, operationID:", "in: query, in: kwery", "description: One page., describtion: One page."})
    void misspeltWordWouldBeSeen(String word, String misspelt) {
        assertThat(faults(DOCUMENT.text().replaceFirst(word, misspelt))).isNotEmpty();
    }

    private static List<String> faults(String text) {
        return new OpenAPIV3Parser().readContents(text).getMessages();
    }

    @Test
    void everyHandlerIsDescribedAndNothingElseIs() {
        assertThat(DOCUMENT.operations().stream().map(operation -> ApiCall.described(DOCUMENT, operation)))
                .containsExactlyInAnyOrderElementsOf(ApiCall.handled());
    }

    @Test
    void everyExampleIsOfItsSchema() {
        List<JsonNode> described = DOCUMENT.tree().findParents("schema");

        assertThat(described)
                .hasSizeGreaterThan(40)
                .allSatisfy(part -> assertThat(examples(part))
                        .allSatisfy(example -> assertThat(
                                        DOCUMENT.closed(part.get("schema")).validate(example))
                                .as(example.toString())
                                .isEmpty()));
    }

    private static Stream<JsonNode> examples(JsonNode part) {
        return Stream.concat(
                part.has("example") ? Stream.of(part.get("example")) : Stream.empty(),
                part.path("examples").valueStream().map(example -> example.required("value")));
    }

    /** Of a schema that is one with another one, and of one further inside. */
    @Test
    void fieldThatIsNotDescribedWouldBeSeen() {
        JsonNode node = DOCUMENT.operation("getNode").tree().at("/responses/200/content/application~1json/schema");
        JsonNode page = DOCUMENT.schema("RefusalPage");
        String refusal = "{'items':[{'kind':'user','name':'alice','until':1}]}".replace('\'', '"');

        assertThat(DOCUMENT.closed(node).validate(JsonMapper.shared().readTree("{\"more\":1}")))
                .anyMatch(fault -> fault.getMessage().contains("'more'"));
        assertThat(DOCUMENT.closed(page).validate(JsonMapper.shared().readTree(refusal)))
                .isEmpty();
        assertThat(DOCUMENT.closed(page).validate(JsonMapper.shared().readTree(refusal.replace("}", ",\"more\":1}"))))
                .isNotEmpty();
    }

    @Test
    void linesOfTheExamplesAreOfTheirSchemas() {
        JsonNode operation = DOCUMENT.operation("publishMessages").tree();

        assertLines(operation.required("requestBody"), "Entry");
        assertLines(operation.required("responses").required("200"), "Outcome");
    }

    private static void assertLines(JsonNode part, String schema) {
        String lines = part.required("content")
                .required("application/x-ndjson")
                .required("example")
                .asString();
        assertThat(lines.lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(DOCUMENT.closed(DOCUMENT.schema(schema))
                                .validate(JsonMapper.shared().readTree(line)))
                        .isEmpty());
    }

    @Test
    void batchesOfTheExamplesCanBeRead() throws MalformedFrameException {
        FrameCodec codec = new FrameCodec(FrameLimits.DEFAULT);
        JsonNode content = DOCUMENT.operation("publishMessages").tree().at("/requestBody/content");
        List<JsonNode> batches = examples(content.required("application/json")).toList();

        assertThat(batches).hasSize(2);
        for (JsonNode batch : batches) {
            byte[] text = batch.toString().getBytes(StandardCharsets.UTF_8);
            assertThat(codec.batch(text, 10)).hasSize(2).allMatch(BatchEntry.Message.class::isInstance);
        }
    }

    @Test
    void problemsOfTheExamplesAreAsTheServerSaysThem() {
        List<String> seen = new ArrayList<>();
        for (JsonNode part : DOCUMENT.tree().findParents("schema")) {
            JsonNode example = part.path("example");
            Arrays.stream(ErrorCode.values())
                    .filter(code -> code.text().equals(example.path("code").asString("")) && example.has("detail"))
                    .forEach(code -> {
                        String detail = example.required("detail").asString();
                        byte[] body = ApiProblems.of(code, detail, 0).problem().body();
                        assertThat(example).isEqualTo(JsonMapper.shared().readTree(body));
                        seen.add(code.text());
                    });
        }
        assertThat(seen)
                .contains(
                        "malformed",
                        "invalid_channel",
                        "forbidden",
                        "too_large",
                        "rate_limited",
                        "broker_unavailable",
                        "unrecoverable_position");
    }

    @Test
    void whoIsToldToComeBackIsToldWhen() {
        for (Operation operation : DOCUMENT.operations()) {
            operation.tree().required("responses").forEachEntry((status, response) -> {
                boolean waits = status.equals("429") || status.equals("503");
                assertThat(DOCUMENT.resolve(response).path("headers").has("Retry-After"))
                        .as(operation.id() + " " + status)
                        .isEqualTo(waits);
            });
        }
    }
}
