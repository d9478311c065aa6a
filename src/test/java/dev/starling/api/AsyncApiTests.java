package dev.starling.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.FrameLimits;
import dev.starling.protocol.ServerFrame;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The document that describes the WebSocket, beside the codec that reads and writes its frames. The schema is AsyncAPI's own
 * (asyncapi/spec-json-schemas 6.11.1, Apache 2.0), 3.0.0 without identifiers, prose and the bindings of other protocols.
 */
final class AsyncApiTests {

    private static final ApiDocument DOCUMENT = ApiDocument.read("asyncapi.yaml");

    @Test
    void documentIsValid() throws IOException {
        assertThat(schema().validate(DOCUMENT.tree())).isEmpty();
        assertThat(DOCUMENT.tree().at("/info/version").asString()).matches("\\d+\\.\\d+.*");
    }

    @ParameterizedTest
    @CsvSource({"action: receive, action: recieve", "payload:, paylod:", "address:, adress:"})
    void misspeltWordWouldBeSeen(String word, String misspelt) throws IOException {
        ApiDocument wrong = ApiDocument.of(DOCUMENT.text().replaceFirst(word, misspelt));

        assertThat(schema().validate(wrong.tree())).isNotEmpty();
    }

    private static Schema schema() throws IOException {
        try (InputStream in = AsyncApiTests.class.getResourceAsStream("/asyncapi-3.0.json")) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                    .getSchema(JsonMapper.shared().readTree(in));
        }
    }

    @Test
    void everyExampleIsOfItsSchema() {
        assertThat(messages("receive", "messages").toList()).isNotEmpty();
        assertThat(DOCUMENT.tree().at("/components/messages").valueStream())
                .allSatisfy(message -> assertThat(examples(message))
                        .isNotEmpty()
                        .allSatisfy(frame -> assertThat(
                                        DOCUMENT.closed(message.get("payload")).validate(frame))
                                .as(frame.toString())
                                .isEmpty()));
    }

    @Test
    void framesOfClientsAreThoseThatTheServerReads() {
        FrameCodec codec = new FrameCodec(FrameLimits.DEFAULT);
        List<JsonNode> frames =
                messages("receive", "messages").flatMap(AsyncApiTests::examples).toList();

        assertThat(frames).allSatisfy(frame -> {
            byte[] text = frame.toString().getBytes(StandardCharsets.UTF_8);
            assertThat(codec.decode(text, 0, text.length).getClass().getSimpleName())
                    .isEqualToIgnoringCase(type(frame));
        });
        assertThat(frames.stream().map(AsyncApiTests::type).distinct())
                .hasSameSizeAs(ClientFrame.class.getPermittedSubclasses());
    }

    @Test
    void framesOfTheServerAreAsItWritesThem() {
        List<JsonNode> frames = Stream.concat(messages("send", "messages"), messages("receive", "reply"))
                .distinct()
                .flatMap(AsyncApiTests::examples)
                .toList();

        assertThat(frames).allSatisfy(frame -> assertThat(written(frame)).isEqualTo(frame.toString()));
        assertThat(frames.stream().map(AsyncApiTests::type).distinct())
                .as("and what is encoded once for all")
                .hasSize(ServerFrame.class.getPermittedSubclasses().length + 1);
    }

    private static String written(JsonNode frame) {
        UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
        EncodedMessage written = type(frame).equals("message")
                ? ServerFrames.message(frame, allocator)
                : EncodedMessage.of(ServerFrames.read(frame), allocator);
        try {
            return written.payload().toString(StandardCharsets.UTF_8);
        } finally {
            written.release();
        }
    }

    private static String type(JsonNode frame) {
        return frame.required("type").asString();
    }

    private static Stream<JsonNode> examples(JsonNode message) {
        return message.path("examples").valueStream().map(example -> example.required("payload"));
    }

    /** The messages of all operations of this action; {@code part} tells those from the replies to them. */
    private static Stream<JsonNode> messages(String action, String part) {
        return DOCUMENT.tree()
                .required("operations")
                .valueStream()
                .filter(operation -> operation.required("action").asString().equals(action))
                .map(operation -> operation.path(part))
                .flatMap(found -> (found.isArray() ? found : found.path("messages")).valueStream())
                .map(DOCUMENT::resolve);
    }

    @Test
    void errorCodesAreAllThatThereAre() {
        JsonNode error = DOCUMENT.tree().at("/components/messages/error/payload/properties");

        assertThat(error.at("/code/enum").valueStream().map(JsonNode::asInt))
                .containsExactlyElementsOf(
                        Arrays.stream(ErrorCode.values()).map(ErrorCode::code).toList());
        assertThat(error.at("/error/enum").valueStream().map(JsonNode::asString))
                .containsExactlyElementsOf(
                        Arrays.stream(ErrorCode.values()).map(ErrorCode::text).toList());
    }

    @Test
    void closeCodesAreAllThatThereAre() {
        assertThat(DOCUMENT.tree()
                        .at("/info/description")
                        .asString()
                        .lines()
                        .filter(line -> line.matches("\\| \\d+ .*")))
                .containsExactlyElementsOf(Arrays.stream(CloseCode.values())
                        .map(code -> "| " + code.code() + " | " + code.reason() + " | "
                                + (code.reconnect() ? "yes" : "no") + " |")
                        .toList());
    }
}
