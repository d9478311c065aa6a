package dev.starling.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.FrameLimits;
import dev.starling.protocol.ServerFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The script for artillery speaks the protocol of this server. Nothing here runs it: artillery is too large to install. */
class ArtilleryScriptTests {

    private static final Path BENCH = Path.of("src", "test", "bench");
    private static final String CHANNEL = "load:1";
    private static final String VARIABLE = "\\{\\{ \\w+ }}";

    private final FrameCodec codec = new FrameCodec(FrameLimits.DEFAULT);
    private final JsonNode script = script();

    @Test
    void itSendsFramesThatTheServerReads() {
        assertThat(fields("payload").map(this::decoded))
                .containsExactly(
                        new ClientFrame.Subscribe(null, new ChannelName(CHANNEL), null, null),
                        new ClientFrame.Subscribe(null, new ChannelName(CHANNEL), null, null),
                        new ClientFrame.Ping(null));
    }

    @Test
    void itWaitsForFramesThatTheServerSends() {
        ServerFrame welcome = new ServerFrame.Welcome("c", "n", 1, 1, null, null);
        ServerFrame subscribed = new ServerFrame.Subscribed(null, new ChannelName("c"), null, null);
        ServerFrame pong = new ServerFrame.Pong(null, 1);

        assertThat(fields("match").map(match -> match.path("json").asString())).containsOnly("$.type");
        assertThat(fields("match").map(match -> match.path("value").asString()))
                .containsExactly(welcome.type(), subscribed.type(), subscribed.type(), pong.type());
    }

    @Test
    void itsProcessorHasTheFunctionsThatItNames() throws IOException {
        String name = script.path("config").path("processor").asString();
        String processor = Files.readString(BENCH.resolve(name));

        assertThat(fields("function").map(JsonNode::asString))
                .isNotEmpty()
                .allSatisfy(function ->
                        assertThat(processor).containsPattern("module\\.exports = \\{[^}]*\\b" + function + "\\b"));
    }

    private ClientFrame decoded(JsonNode payload) {
        byte[] text = payload.toString().replaceAll(VARIABLE, CHANNEL).getBytes(StandardCharsets.UTF_8);
        try {
            return codec.decode(text, 0, text.length);
        } catch (Exception e) {
            throw new AssertionError(payload + ": " + e.getMessage(), e);
        }
    }

    /** All fields of this name in the steps of the script, in the order of the steps. */
    private Stream<JsonNode> fields(String name) {
        return script.path("scenarios").findValues(name).stream();
    }

    private static JsonNode script() {
        try {
            Object tree = new Yaml().load(Files.readString(BENCH.resolve("artillery.yml")));
            return JsonMapper.shared().valueToTree(tree);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
