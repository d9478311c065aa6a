package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The lines of the README's section on the HTTP API, run as they stand there but for the port. */
class ReadmeIT {

    /** Any answer but a good one ends the script; an event stream is left after two seconds. */
    private static final String CURL = """
            set -eu
            curl() {
              echo "> $*"
              command curl -sS --fail-with-body --max-time 2 "$@" || test $? = 28
              echo
            }
            """;

    private static ServerProcess server;
    private static List<String> blocks;
    private static String key;

    @BeforeAll
    static void start() throws IOException {
        RealParts.program("curl");
        RealParts.program("openssl");
        String readme = Files.readString(Path.of("README.md"));
        String section = readme.substring(readme.indexOf("\n## HTTP API"), readme.indexOf("\n## More than one node"));
        blocks = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
                .matcher(section)
                .results()
                .map(found -> found.group(1))
                .toList();
        List<String> made = run(blocks.get(1) + "echo $KEY", Map.of()).lines().toList();
        key = made.get(1);
        server = ServerLaunch.bare(
                        "starling.security.jwt.secret=" + ServerLaunch.SECRET,
                        "starling.channels[0].pattern=chat:*",
                        "starling.channels[0].subscribe=anyone",
                        "starling.channels[0].history-size=100",
                        "starling.channels[0].presence=true",
                        "starling.api.keys[0].name=billing",
                        "starling.api.keys[0].hashes=" + made.get(0).substring(0, 64),
                        "starling.api.keys[0].scopes=publish, read",
                        "starling.api.keys[0].publish=chat:*",
                        "starling.api.keys[0].channels=chat:*")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everyLineIsAnsweredWell() {
        try (ClientSession alice = ClientSession.open(server)) {
            String token = Tokens.standard()
                    .subject("back-end")
                    .scope("publish read ops")
                    .channels("*")
                    .publish("*")
                    .sign();
            String id = alice.await("welcome").get("connection").asString();

            assertThat(run(CURL + blocks.get(0), Map.of("TOKEN", token, "ID", id)))
                    .contains(
                            "{\"channel\":\"chat:42\",\"epoch\":",
                            "\"published\":2,\"failed\":0",
                            "{\"index\":999,",
                            "\"data\":1000",
                            "event: subscribed",
                            "\"user\":\"alice\"",
                            "{\"closed\":1,",
                            "{\"items\":[{\"kind\":\"user\",\"name\":\"alice\"");
            alice.awaitClosed();
        }
    }

    @Test
    void keyOpensWhatItIsFor() {
        assertThat(run(CURL + blocks.get(2), Map.of("KEY", key))).contains("{\"channel\":\"chat:42\"");
    }

    private static String run(String script, Map<String, String> environment) {
        String ported = server == null ? script : script.replace("localhost:8080", "localhost:" + server.port());
        try (NodeRuntime.Script bash =
                NodeRuntime.start(Path.of("target"), environment, List.of("bash", "-c", ported))) {
            return bash.awaitSuccess(Duration.ofSeconds(60));
        }
    }
}
