package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is let in, besides the question of the token. Every test comes from a loopback address of its own. */
class AdmissionIT {

    private static final int PER_ADDRESS = 2;
    private static final int PER_USER = 3;
    private static final int PER_NODE = 6;
    private static final int PROXY = 99;

    private static ServerProcess server;

    private final List<RawClient> clients = new ArrayList<>();
    private Metrics before = new Metrics("");

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.limits.max-connections-per-ip=" + PER_ADDRESS,
                        "starling.limits.max-connections-per-user=" + PER_USER,
                        "starling.limits.max-connections=" + PER_NODE,
                        "starling.limits.connect-rate=0",
                        "starling.security.trusted-proxies=127.0.0." + PROXY + "/32",
                        "starling.security.allowed-origins=https://app.example")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void look() {
        before = server.metrics();
    }

    @AfterEach
    void leave() {
        clients.forEach(RawClient::close);
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> server.metrics().value("ws_connections_active") == 0);
    }

    @Test
    void foreignOriginIsForbidden() {
        HttpAnswer answer = enter(11, "origin", "Origin: https://evil.example");

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.header("content-type")).startsWith("application/problem+json");
        assertCounted("origin");
    }

    @Test
    void originIsComparedAsAWhole() {
        assertThat(enter(12, "origin", "Origin: https://app.example.evil.example")
                        .status())
                .isEqualTo(403);
        assertThat(enter(12, "origin", "Origin: http://app.example").status()).isEqualTo(403);
    }

    @Test
    void allowedOriginAndNoOriginAreLetIn() {
        assertThat(enter(13, "origin", "Origin: https://app.example").status()).isEqualTo(101);
        assertThat(enter(13, "origin").status()).isEqualTo(101);
    }

    @Test
    void addressHasSoManyConnectionsAndNoMore() {
        assertThat(enter(21, "a").status()).isEqualTo(101);
        assertThat(enter(21, "b").status()).isEqualTo(101);

        assertRefused(enter(21, "c"), 429);
        assertThat(enter(22, "d").status()).as("another address").isEqualTo(101);
        assertCounted("address_limit");
    }

    @Test
    void closedConnectionMakesRoomForItsAddress() {
        enter(23, "a");
        enter(23, "b");

        clients.get(0).close();

        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> enter(23, "c").status() == 101);
    }

    @Test
    void refusedConnectionsDoNotCountForTheAddress() {
        for (int i = 0; i < 3 * PER_ADDRESS; i++) {
            try (RawClient client = RawClient.connectFrom(24, server.port())) {
                assertThat(client.upgrade("/ws", "Authorization: Bearer nonsense")
                                .status())
                        .isEqualTo(401);
            }
        }
        assertThat(enter(24, "a").status()).isEqualTo(101);
        assertCounted("invalid_token");
    }

    @Test
    void userHasSoManyConnectionsAndNoMore() {
        for (int i = 0; i < PER_USER; i++) {
            assertThat(enter(31 + i, "many").status()).isEqualTo(101);
        }
        assertRefused(enter(31 + PER_USER, "many"), 429);
        assertThat(enter(31 + PER_USER, "other").status()).as("another user").isEqualTo(101);
        assertCounted("user_limit");
    }

    @Test
    void fullNodeSendsClientsElsewhere() {
        for (int i = 0; i < PER_NODE; i++) {
            assertThat(enter(41 + i, "user-" + i).status()).isEqualTo(101);
        }
        assertRefused(enter(41 + PER_NODE, "one-more"), 503);
        assertCounted("node_full");
    }

    @Test
    void trustedProxySpeaksForItsClients() {
        enter(PROXY, "a", "X-Forwarded-For: 203.0.113.1");
        enter(PROXY, "b", "X-Forwarded-For: 203.0.113.1");

        assertRefused(enter(PROXY, "c", "X-Forwarded-For: 203.0.113.1"), 429);
        assertThat(enter(PROXY, "d", "X-Forwarded-For: 203.0.113.2").status()).isEqualTo(101);
    }

    @Test
    void clientCantHideBehindHeadersThatItPrependsItself() {
        enter(PROXY, "a", "X-Forwarded-For: 198.51.100.1, 203.0.113.3");
        enter(PROXY, "b", "X-Forwarded-For: 198.51.100.2, 203.0.113.3");

        assertRefused(enter(PROXY, "c", "X-Forwarded-For: 198.51.100.3, 203.0.113.3"), 429);
    }

    @Test
    void forwardedHeaderOfTheStandardIsUnderstoodToo() {
        enter(PROXY, "a", "Forwarded: for=203.0.113.4;proto=https");
        enter(PROXY, "b", "Forwarded: for=203.0.113.4;proto=https");

        assertRefused(enter(PROXY, "c", "Forwarded: for=203.0.113.4;proto=https"), 429);
        assertThat(enter(PROXY, "d", "Forwarded: for=\"[2001:db8::1]:4711\"").status())
                .isEqualTo(101);
    }

    @Test
    void strangersSpeakOnlyForThemselves() {
        enter(51, "a", "X-Forwarded-For: 203.0.113.5");
        enter(51, "b", "X-Forwarded-For: 203.0.113.6");

        assertRefused(enter(51, "c", "X-Forwarded-For: 203.0.113.7"), 429);
    }

    @Test
    void plainRequestIsRefusedAsAnUpgradeWouldBe() {
        enter(61, "a");
        enter(61, "b");
        assertRefused(ask(61, "c"), 429, "address_limit");

        enter(62, "b");
        enter(63, "b");
        assertRefused(ask(64, "b"), 429, "user_limit");

        enter(64, "d");
        enter(65, "e");
        assertRefused(ask(66, "f"), 503, "node_full");
    }

    @Test
    void plainRequestIsNoConnection() {
        for (int i = 0; i < 2 * PER_NODE; i++) {
            assertThat(ask(71, "asks").status()).isEqualTo(426);
        }
        ask(71, "asks", "Origin: https://evil.example");

        assertThat(enter(71, "asks").status()).isEqualTo(101);
        Metrics after = server.metrics();
        assertThat(after.value("ws_connects_total")).isEqualTo(before.value("ws_connects_total") + 1);
        assertThat(after.value("ws_upgrade_refused_total")).isEqualTo(before.value("ws_upgrade_refused_total"));
    }

    @Test
    void pageOfAnAllowedOriginMayReadTheAnswerAlsoOfTheFirstDoor() {
        HttpAnswer letIn = ask(72, "a", "Origin: https://app.example");
        assertThat(letIn.status()).isEqualTo(426);
        assertReadable(letIn);

        enter(72, "a");
        enter(72, "b");
        HttpAnswer refused = ask(72, "c", "Origin: https://app.example");
        assertRefused(refused, 429, "address_limit");
        assertReadable(refused);
        assertThat(refused.header("access-control-expose-headers")).isEqualTo("Retry-After");
    }

    @Test
    void preflightIsAnsweredWithoutATokenAndTakesNoRoom() {
        enter(73, "a");
        enter(73, "b");
        HttpAnswer answer = preflight("https://app.example", "GET", "authorization");

        assertThat(answer.status()).isEqualTo(200);
        assertReadable(answer);
        assertThat(answer.header("access-control-allow-methods")).isEqualTo("GET,HEAD");
        assertThat(answer.header("access-control-allow-headers")).isEqualToIgnoringCase("authorization");
        assertThat(preflight("https://app.example", "POST", "authorization").status())
                .isEqualTo(403);
        assertThat(preflight("https://app.example", "GET", "x-other").status()).isEqualTo(403);
    }

    @Test
    void pageOfAForeignOriginMayReadNothing() {
        HttpAnswer asked = ask(74, "a", "Origin: https://evil.example");
        HttpAnswer preflight = preflight("https://evil.example", "GET", "authorization");

        assertThat(List.of(asked, preflight)).allSatisfy(answer -> {
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.json().get("code").asString()).isEqualTo("origin");
            assertThat(answer.header("access-control-allow-origin")).isNull();
        });
    }

    @Test
    void upgradeKnowsNoCors() {
        HttpAnswer opened = enter(75, "a", "Origin: https://app.example");
        HttpAnswer refused = enter(75, "a", "Origin: https://app.example", "Authorization: Bearer nonsense");

        assertThat(List.of(opened, refused))
                .allSatisfy(answer ->
                        assertThat(answer.headers()).doesNotContainKeys("access-control-allow-origin", "vary"));
    }

    private static void assertReadable(HttpAnswer answer) {
        assertThat(answer.header("access-control-allow-origin")).isEqualTo("https://app.example");
        assertThat(answer.header("vary")).contains("Origin");
    }

    private static HttpAnswer preflight(String origin, String method, String headers) {
        try (RawClient client = RawClient.connectFrom(73, server.port())) {
            return client.request(
                    "OPTIONS",
                    "/ws",
                    "Origin: " + origin,
                    "Access-Control-Request-Method: " + method,
                    "Access-Control-Request-Headers: " + headers);
        }
    }

    /** What the address of the WebSocket answers to a plain request. */
    private static HttpAnswer ask(int host, String user, String... headerLines) {
        try (RawClient client = RawClient.connectFrom(host, server.port())) {
            return client.request("GET", "/ws", withToken(user, headerLines));
        }
    }

    private HttpAnswer enter(int host, String user, String... headerLines) {
        RawClient client = RawClient.connectFrom(host, server.port());
        clients.add(client);
        return client.upgrade("/ws", withToken(user, headerLines));
    }

    private static String[] withToken(String user, String... headerLines) {
        String token =
                "Authorization: Bearer " + Tokens.standard().subject(user).sign();
        return Stream.concat(Stream.of(token), Stream.of(headerLines)).toArray(String[]::new);
    }

    private void assertCounted(String reason) {
        String label = "reason=\"" + reason + "\"";
        Awaitility.await(reason)
                .atMost(Duration.ofSeconds(10))
                .until(() -> server.metrics().value("ws_upgrade_refused_total", label)
                        > before.value("ws_upgrade_refused_total", label));
    }

    private static void assertRefused(HttpAnswer answer, int status, String code) {
        assertRefused(answer, status);
        assertThat(answer.json().get("code").asString()).isEqualTo(code);
    }

    static void assertRefused(HttpAnswer answer, int status) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.header("retry-after")).as("Retry-After").matches("[1-9][0-9]*");
        assertThat(answer.header("content-type")).startsWith("application/problem+json");
        assertThat(answer.json().get("status").asInt()).isEqualTo(status);
    }
}
