package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A node started with nothing configured. */
class DevelopmentModeIT {

    private static final Pattern TOKEN = Pattern.compile("eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+");

    private static final Duration BOUND = Duration.ofSeconds(10);

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerLaunch.bare().start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void printedTokenSubscribesAndPublishesAnywhere() {
        try (ClientSession session = ClientSession.open(server, printedToken())) {
            session.await("welcome");
            session.subscribe("any:channel:at-all").publish("any:channel:at-all", "1");

            assertThat(session.awaitData().asInt()).isEqualTo(1);
        }
    }

    @Test
    void lineToPasteIsPrinted() {
        assertThat(server.log().lines())
                .anyMatch(line -> line.contains("wscat") && line.contains("ws://localhost:" + server.port() + "/ws"));
    }

    /** As a newcomer pastes them: the token, then the stream in one terminal and the publish in another. */
    @Test
    void printedCurlLinesCarryAMessage() {
        RealParts.program("curl");
        String export = printed("export TOKEN=");
        String listen = printed("curl -N ");
        String publish = printed("curl -H ");

        try (NodeRuntime.Script stream = bash(export, listen)) {
            stream.output().await(line -> line.equals("event: subscribed"), BOUND);
            try (NodeRuntime.Script call = bash(export, publish)) {
                assertThat(call.awaitSuccess(BOUND)).contains("{\"channel\":\"news\"}");
            }
            stream.output().await(line -> line.contains("{\"text\":\"hello\"}"), BOUND);
        }
    }

    private static NodeRuntime.Script bash(String... lines) {
        return NodeRuntime.start(Path.of("target"), Map.of(), List.of("bash", "-c", String.join("\n", lines)));
    }

    /** A line to paste. */
    private static String printed(String beginning) {
        return server.log()
                .await(line -> line.strip().startsWith(beginning), BOUND)
                .strip();
    }

    @Test
    void printedLinkOpensTheConsole() {
        String link = "http://localhost:" + server.port() + "/console/#token=" + printedToken();

        assertThat(server.log().lines()).anyMatch(line -> line.strip().equals(link));
        assertThat(server.get("/console/").statusCode()).isEqualTo(200);
        assertThat(server.get("/api/node/figures", "Authorization", "Bearer " + printedToken())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void nodeIsNotOpenToTheTokenless() {
        try (RawClient client = RawClient.connect(server.port())) {
            assertThat(client.upgrade("/ws").status()).isEqualTo(401);
        }
    }

    @Test
    void nothingDialsOutToARedisThatNobodyConfigured() {
        assertThat(server.get("/readyz").statusCode()).isEqualTo(200);
        assertThat(server.get("/actuator/health").body()).contains("\"UP\"");
        assertThat(server.log().text()).doesNotContainIgnoringCase("connection refused");
    }

    private static String printedToken() {
        String line = server.log().await(text -> TOKEN.matcher(text).find(), Duration.ofSeconds(10));
        Matcher token = TOKEN.matcher(line);
        if (!token.find()) {
            throw new AssertionError(line);
        }
        return token.group();
    }
}
