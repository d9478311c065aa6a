package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A node that was behind: it freezes while clients connect, and some of them have left when it goes on. */
class ConnectWaitIT {

    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final int CLIENTS = 20;

    private static ServerProcess server;

    private final List<RawClient> staying = new ArrayList<>();
    private Metrics before = new Metrics("");

    @BeforeAll
    static void start() {
        server = ServerLaunch.with("starling.limits.max-connect-wait=" + LIMIT.toSeconds() + "s")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void leave() {
        server.signal("CONT");
        staying.forEach(RawClient::close);
    }

    @Test
    void clientThatHasLeftCostsNoUpgradeAndOneThatWaitsIsLetIn() {
        freeze(Duration.ofMillis(500));

        assertThat(staying)
                .allSatisfy(client -> assertThat(client.answer().status()).isEqualTo(101));
        assertGrowth("ws_connects_total", CLIENTS);
        assertGrowth("ws_upgrade_abandoned_total", CLIENTS);
        assertGrowth("ws_upgrade_refused_total", 0);
    }

    @Test
    void clientThatHasWaitedTooLongIsRefusedBeforeItsTokenIsLookedAt() {
        freeze(LIMIT.plusMillis(500));

        assertThat(staying).allSatisfy(client -> {
            HttpAnswer answer = client.answer();
            AdmissionIT.assertRefused(answer, 503);
            assertThat(answer.json().get("code").asString()).isEqualTo("overloaded");
        });
        assertGrowth("ws_connects_total", 0);
        assertGrowth("ws_upgrade_abandoned_total", CLIENTS);
        try (RawClient next = RawClient.connect(server.port())) {
            assertThat(next.opened(Tokens.standard().sign())).isNotNull();
        }
    }

    @Test
    void eventStreamWaitsLikeAWebSocket() {
        before = server.metrics();
        server.signal("STOP");
        RawClient client = connect();
        client.send(("GET " + EventStream.path("open:x") + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                        + Tokens.standard().sign() + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        pass(LIMIT.plusMillis(500));
        server.signal("CONT");

        assertThat(client.answer().status()).isEqualTo(503);
        assertGrowth("ws_upgrade_refused_total", 1);
    }

    /** As many clients that stay as others that leave while the node is frozen. */
    private void freeze(Duration time) {
        before = server.metrics();
        server.signal("STOP");
        byte[] request = RawClient.upgradeRequest(
                        "/ws", "Authorization: Bearer " + Tokens.standard().sign())
                .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < CLIENTS; i++) {
            connect().send(request);
            try (RawClient leaving = RawClient.connect(server.port())) {
                leaving.send(request);
            }
        }
        pass(time);
        server.signal("CONT");
    }

    private RawClient connect() {
        RawClient client = RawClient.connect(server.port());
        staying.add(client);
        return client;
    }

    private static void pass(Duration time) {
        Awaitility.await().pollDelay(time).until(() -> true);
    }

    private void assertGrowth(String meter, int by) {
        Awaitility.await()
                .untilAsserted(() -> assertThat(server.metrics().value(meter) - before.value(meter))
                        .as(meter)
                        .isEqualTo(by));
    }
}
