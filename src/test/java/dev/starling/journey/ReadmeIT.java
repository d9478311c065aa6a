package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The commands of the README and of the pages on tokens and the HTTP API, run as written but for the port. */
class ReadmeIT {

    private static final Path README = Path.of("README.md");
    private static final Path HTTP_API = Path.of("src", "docs", "http-api.md");
    private static final Path TOKENS = Path.of("src", "docs", "tokens.md");
    private static final Path CONFIGURATION = Path.of("src", "docs", "configuration.md");
    private static final Pattern EXPORT = Pattern.compile("(?m)^ *export TOKEN=(\\S+)$");
    private static final Duration BOUND = Duration.ofSeconds(60);

    /** Any failure ends the script. An event stream is left after two seconds. */
    private static final String CURL = """
            set -eu
            curl() {
              echo "> $*"
              command curl -sS --fail-with-body --max-time 2 "$@" || test $? = 28
              echo
            }
            """;

    private static ServerProcess server;
    private static String token;
    private static String key;

    /** A node for development, with the configuration of the pages. */
    @BeforeAll
    static void start() throws IOException {
        RealParts.program("curl");
        RealParts.program("openssl");
        List<String> made = run(blocks(HTTP_API, "sh", "## API keys").get(0) + "echo $KEY $KEY_HASH", Map.of())
                .strip()
                .lines()
                .toList();
        key = made.get(0).split(" ")[0];
        Path directory = Path.of("target", "readme-" + ProcessHandle.current().pid());
        Files.createDirectories(directory);
        Path rules = Files.writeString(
                directory.resolve("rules.yml"),
                blocks(CONFIGURATION, "yaml", "## Channels").get(0));
        Path keys = Files.writeString(
                directory.resolve("keys.yml"),
                blocks(HTTP_API, "yaml", "## API keys").get(0));
        server = ServerLaunch.bare(
                        "spring.config.import=" + rules.toUri() + "," + keys.toUri(),
                        "KEY_HASH=" + made.get(0).split(" ")[1])
                .start();
        Matcher export = EXPORT.matcher(server.log().await(line -> line.contains("export TOKEN="), BOUND));
        assertThat(export.find()).isTrue();
        token = export.group(1);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void firstMessageArrives() {
        List<String> commands = blocks(README, "sh", "## First message");
        List<String> shown =
                blocks(README, "", "## First message").get(0).lines().toList();

        try (NodeRuntime.Script stream = bash(commands.get(0), Map.of("TOKEN", token))) {
            stream.output().await(line -> line.equals("event: subscribed"), BOUND);
            run(commands.get(1), Map.of("TOKEN", token));
            shown.forEach(line -> stream.output().await(line::equals, BOUND));
        }
    }

    @Test
    void shortRulesOfTheReadmeAreThoseOfThePage() {
        String page = blocks(CONFIGURATION, "yaml", "## Channels").get(0).replaceAll(" +#.*", "");

        assertThat(blocks(README, "yaml", "## Channels").get(0).lines())
                .allMatch(page.lines().toList()::contains);
    }

    @Test
    void everyLineOfTheApiIsAnsweredWell() {
        List<String> blocks = blocks(HTTP_API, "sh", "## Try it");

        try (NodeRuntime.Script stream = bash(blocks.get(0) + blocks.get(1), Map.of("TOKEN", token))) {
            stream.output().await(line -> line.equals("event: subscribed"), BOUND);
            assertThat(run(CURL + String.join("", blocks), Map.of("TOKEN", token)))
                    .contains(
                            "{\"channel\":\"chat:42\",\"epoch\":",
                            "\"published\":2,\"failed\":0",
                            "{\"index\":999,",
                            "\"data\":1000",
                            "event: subscribed",
                            "\"user\":\"developer\"",
                            "{\"items\":[{\"kind\":\"user\",\"name\":\"mallory\"");
            stream.output().awaitEnd(BOUND);
        }
    }

    @Test
    void keyOpensWhatItIsFor() {
        assertThat(run(CURL + blocks(HTTP_API, "sh", "## API keys").get(1), Map.of("KEY", key)))
                .contains("{\"channel\":\"chat:42\"");
    }

    @Test
    void tokenMadeByHandIsGood() {
        String made = run(
                blocks(TOKENS, "sh", "## A shared secret").get(1) + "echo $TOKEN",
                Map.of("STARLING_SECURITY_JWT_SECRET", ServerLaunch.SECRET));

        try (ClientSession alice = ClientSession.open(StandardServer.get(), made.strip())) {
            alice.await("welcome");
            alice.subscribe("news").publish("news", "1");

            assertThat(alice.awaitData().asInt()).isEqualTo(1);
        }
    }

    /** The blocks of a language in a section, or those without a language. */
    private static List<String> blocks(Path page, String language, String section) {
        String text = read(page);
        int begin = text.indexOf("\n" + section + "\n");
        assertThat(begin).as("%s in %s", section, page).isNotNegative();
        int end = text.indexOf("\n## ", begin + section.length());
        return Pattern.compile("(?ms)^```(\\w*)\n(.*?)^```$")
                .matcher(text.substring(begin, end < 0 ? text.length() : end))
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .collect(Collectors.toList());
    }

    private static String read(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(String script, Map<String, String> environment) {
        try (NodeRuntime.Script bash = bash(script, environment)) {
            return bash.awaitSuccess(BOUND);
        }
    }

    private static NodeRuntime.Script bash(String script, Map<String, String> environment) {
        String ported = server == null ? script : script.replace("localhost:8080", "localhost:" + server.port());
        return NodeRuntime.start(Path.of("target"), environment, List.of("bash", "-c", ported));
    }
}
