package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a request is, is decided in one way by all who decide: behind a base path and by any spelling of the path. */
class PathIT {

    private static final String BASE = "/base";

    private static ServerProcess server;
    private static String token;

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "spring.webflux.base-path=" + BASE,
                        "starling.limits.connect-rate=0",
                        "starling.limits.channel-alphabet=!-~&&[^\"*{}\\\\]")
                .and(ApiClient.KEY_PROPERTIES)
                .and(
                        "starling.api.keys[0].scopes=publish,read,ops",
                        "starling.api.keys[0].publish=*",
                        "starling.api.keys[0].channels=*")
                .launch();
        Awaitility.await().atMost(Duration.ofSeconds(90)).until(() -> server.answers(BASE + "/readyz"));
        token = Tokens.standard().scope("ops read").sign();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpAnswer ask(String method, String path, String... lines) {
        try (RawClient client = RawClient.connect(server.port())) {
            return client.request(method, path, lines);
        }
    }

    private static HttpAnswer upgrade(String path) {
        try (RawClient client = RawClient.connect(server.port())) {
            return client.upgrade(path, "Authorization: Bearer " + token);
        }
    }

    @Test
    void upgradeIsFoundByTheDecodedPathOnly() {
        assertThat(upgrade(BASE + "/ws").status()).isEqualTo(101);
        assertThat(upgrade(BASE + "/%77s").status()).isEqualTo(101);
        assertThat(upgrade("/%62ase/ws").status()).isIn(101, 404);
        for (String path : List.of("/ws;v=1", "/ws;", "//ws", "/./ws")) {
            assertThat(upgrade(BASE + path).status()).as(path).isEqualTo(400);
        }
        for (String path : List.of("/ws/", "/WS", "/ws%2F", "/ws%3Bv=1", "/wsx", ";x/ws", "ment/ws", "%3Bx/ws")) {
            assertThat(upgrade(BASE + path).status()).as(path).isEqualTo(404);
        }
        assertThat(upgrade("/ws").status()).isEqualTo(404);
        assertThat(server.newFaults()).isEmpty();
    }

    @Test
    void basePathLeadsToTheConsole() {
        HttpAnswer answer = ask("GET", BASE + "/");

        assertThat(answer.status()).isEqualTo(302);
        assertThat(answer.header("location")).isEqualTo("console/");
    }

    @Test
    void pathThatNoRuleKnowsIsNotThere() {
        for (String path : List.of("/nothing", "/API/node", "/apinode", "/Actuator/health", "/actuator%2Fhealth")) {
            assertThat(ask("GET", BASE + path).status()).as(path).isEqualTo(404);
            assertThat(ask("GET", BASE + path, "Authorization: Bearer " + token).status())
                    .as(path)
                    .isEqualTo(404);
        }
    }

    @Test
    void pathThatCanNotBeReadIsAProblem() {
        for (String path : List.of(
                "/api;x/node",
                "/api/channels/open:x;v=1/messages",
                "/api/channels/../node",
                "/api/channels/%ff",
                "/api/channels/%zz",
                "/api/channels/%",
                "/api/channels/a|b",
                "/api/node?x=%zz",
                "//api/node")) {
            HttpAnswer answer = ask("GET", BASE + path, "X-API-Key: " + ApiClient.KEY);
            assertThat(answer.status()).as(path).isEqualTo(400);
            assertThat(answer.json().get("code").asString()).isEqualTo("invalid_path");
        }
        HttpAnswer fragment = ask(
                "POST", BASE + "/api/channels/open:x/messages#y", "X-API-Key: " + ApiClient.KEY, "Content-Length: 0");
        assertThat(fragment.json().get("code").asString()).isEqualTo("invalid_path");
    }

    @Test
    void keyIsFoundByTheDecodedPath() {
        assertThat(ask("GET", BASE + "/%61pi/node", "X-API-Key: " + ApiClient.KEY)
                        .status())
                .isEqualTo(200);
    }

    /** Each character that a name may have, at the beginning, in the middle and at the end, and names that are dots only. */
    @Test
    void everyNameIsReachedPercentEncoded() {
        String key = "X-API-Key: " + ApiClient.KEY;
        try (RawClient client = RawClient.connect(server.port())) {
            for (char c = '!'; c <= '~'; c++) {
                if ("\"*{}\\".indexOf(c) >= 0) {
                    continue;
                }
                for (String name : List.of(c + "x", "x" + c + "y", "x" + c, "" + c, "" + c + c)) {
                    String path = BASE + "/api/channels/" + encode(name);
                    client.send((post(path, key) + "1").getBytes(StandardCharsets.US_ASCII));
                    assertThat(channel(client.answer())).isEqualTo(name);
                    assertThat(channel(client.request("GET", path, key))).isEqualTo(name);
                    assertThat(client.request("GET", path + "/history", key).status())
                            .isEqualTo(410);
                    assertThat(client.request("POST", path + "/events", key).status())
                            .isEqualTo(405);
                }
            }
        }
    }

    private static String post(String path, String key) {
        return "POST " + path + "/messages HTTP/1.1\r\nHost: localhost\r\n" + key + "\r\nContent-Length: 1\r\n\r\n";
    }

    private static String channel(HttpAnswer answer) {
        JsonNode body = answer.json();
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return body.get("channel").asString();
    }

    private static String encode(String name) {
        StringBuilder encoded = new StringBuilder();
        name.chars().forEach(c -> encoded.append(String.format("%%%02X", c)));
        return encoded.toString();
    }

    @Test
    void usersMayHaveAnyName() {
        for (String user : List.of("a/b", "a;b", "..", "%2F", "ü€", "a b")) {
            StringBuilder path = new StringBuilder(BASE + "/api/users/");
            for (byte b : user.getBytes(StandardCharsets.UTF_8)) {
                path.append(String.format("%%%02X", b));
            }
            HttpAnswer answer = ask("DELETE", path + "/connections", "X-API-Key: " + ApiClient.KEY);
            assertThat(answer.status()).as(user).isEqualTo(200);
        }
    }
}
