package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A node started with nothing configured. */
class DevelopmentModeIT {

    private static final Pattern TOKEN = Pattern.compile("eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+");

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
