package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import tools.jackson.databind.JsonNode;

/** Event streams of a node with little memory, which holds on to none of them. */
abstract class EventStreamJourney {

    static final Duration BOUND = Duration.ofSeconds(15);
    static final int PER_ADDRESS = 30;
    static final int PER_USER = 25;
    static final String PAD = "x".repeat(40_000);

    static ServerProcess server;

    final List<AutoCloseable> open = new ArrayList<>();

    @BeforeAll
    static void start() {
        server = ServerLaunch.with(
                        "starling.channels[4].pattern=news:*",
                        "starling.channels[4].subscribe=anyone",
                        "starling.channels[4].publish=anyone",
                        "starling.channels[4].history-size=100",
                        "starling.channels[5].pattern=lossy:*",
                        "starling.channels[5].subscribe=anyone",
                        "starling.channels[5].publish=anyone",
                        "starling.channels[5].history-size=10",
                        "starling.channels[5].overflow=drop-oldest",
                        "starling.channels[5].overflow-size=5",
                        "starling.channels[6].pattern=room:*",
                        "starling.channels[6].subscribe=anyone",
                        "starling.channels[6].publish=anyone",
                        "starling.channels[6].presence=true",
                        "starling.channels[6].join-leave=true",
                        "starling.security.allowed-origins=https://app.example",
                        "starling.limits.max-connections-per-ip=" + PER_ADDRESS,
                        "starling.limits.max-connections-per-user=" + PER_USER,
                        "starling.limits.connect-rate=0",
                        "starling.limits.message-rate=0",
                        "starling.limits.max-backlog=256KB",
                        "starling.limits.send-buffer=16KB",
                        "starling.heartbeat.interval=60s",
                        "starling.heartbeat.timeout=60s")
                .jvm("-Xmx96m", "-XX:MaxDirectMemorySize=64m")
                .start();
    }

    @AfterAll
    static void stop() {
        assertThat(server.newFaults()).isEmpty();
        server.close();
    }

    @AfterEach
    void leave() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        Awaitility.await("all connections are gone")
                .atMost(BOUND)
                .until(() -> server.metrics().value("ws_connections_active") == 0
                        && server.metrics().value("ws_connections_streams") == 0);
    }

    <T extends AutoCloseable> T keep(T closed) {
        open.add(closed);
        return closed;
    }

    EventStream subscribed(String channel) {
        EventStream stream = keep(EventStream.open(server, channel));
        stream.await("welcome");
        stream.await("subscribed");
        return stream;
    }

    ClientSession writer() {
        ClientSession writer = keep(ClientSession.open(server));
        writer.await("welcome");
        return writer;
    }

    static HttpAnswer ask(RawClient client, String user, String channel, String... headerLines) {
        List<String> lines = new ArrayList<>(List.of(headerLines));
        lines.add("Authorization: Bearer " + Tokens.standard().subject(user).sign());
        return client.request("GET", EventStream.path(channel), lines.toArray(String[]::new));
    }

    static HttpResponse<String> get(String path, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Authorization");
        all.add("Bearer " + Tokens.standard().sign());
        return server.get(path, all.toArray(String[]::new));
    }

    static void assertClosed(String user, int code, String initiator) {
        Awaitility.await().atMost(BOUND).untilAsserted(() -> {
            JsonNode items =
                    ApiClient.of(server).ask("/api/closes?query=" + user).get("items");
            assertThat(items.isEmpty()).isFalse();
            assertThat(items.get(0).get("code").asInt()).isEqualTo(code);
            assertThat(items.get(0).get("initiator").asString()).isEqualTo(initiator);
        });
    }
}
