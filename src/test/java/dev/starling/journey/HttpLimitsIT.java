package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a TCP connection that is no WebSocket may use of a node. */
class HttpLimitsIT {

    private static final int PER_ADDRESS = 8;
    private static final Duration SOON = Duration.ofSeconds(6);
    private static final Duration FLOOD = Duration.ofSeconds(60);

    /** Requests whose body does not come to its end; fewer than an address may have. */
    private static final List<String> ENDLESS = List.of(
            "POST /api/messages HTTP/1.1\r\nContent-Length: 100000",
            "POST /api/channels/open:x/messages HTTP/1.1\r\nContent-Length: 100000",
            "POST /api/messages HTTP/1.1\r\nTransfer-Encoding: chunked",
            "GET /livez HTTP/1.1\r\nContent-Length: 100000",
            "PUT /nowhere HTTP/1.1\r\nContent-Length: 100000",
            "GET /ws HTTP/1.1\r\nContent-Length: 100000",
            "POST /actuator/loggers HTTP/1.1\r\nTransfer-Encoding: chunked");

    private static ServerProcess server;
    private static ScheduledExecutorService drips;

    private final List<RawClient> clients = new ArrayList<>();

    @BeforeAll
    static void start() {
        drips = Executors.newSingleThreadScheduledExecutor();
        server = ServerLaunch.with(
                        "starling.limits.max-http-connections-per-ip=" + PER_ADDRESS,
                        "starling.security.trusted-proxies=127.0.0.9",
                        "server.netty.idle-timeout=3s")
                .start();
    }

    @AfterAll
    static void stop() {
        drips.shutdownNow();
        server.close();
    }

    @AfterEach
    void leave() {
        clients.forEach(RawClient::close);
    }

    @Test
    void requestsThatNeverEndAreClosedSoonAfterTheirAnswers() {
        double before = ended("slow_request");
        Map<String, RawClient> dripping = new LinkedHashMap<>();
        for (String head : ENDLESS) {
            RawClient client = from(2);
            client.send(bytes(head + "\r\nHost: localhost\r\n\r\n"));
            assertThat(client.answer().status()).as("answer to " + head).isBetween(200, 499);
            drip(client, head.contains("chunked") ? "1\r\nx\r\n" : "x");
            dripping.put(head, client);
        }

        dripping.forEach((head, client) ->
                assertThat(client.endedWithin(SOON)).as("end of " + head).isTrue());
        assertThat(ended("slow_request")).isEqualTo(before + ENDLESS.size());
    }

    @Test
    void restOfARequestMayComeShortlyAfterItsAnswer() {
        RawClient client = from(3);
        client.send(bytes("POST /api/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"));
        assertThat(client.answer().status()).isEqualTo(401);
        client.send(bytes("12345"));

        assertThat(client.request("GET", "/livez").status()).as("next request").isEqualTo(200);
    }

    /** A client that sends requests and reads no answer would otherwise fill the memory until it counts as a slow reader. */
    @Test
    void requestsWithoutEndByAClientThatReadsNothingEndTheConnection() {
        byte[] requests = bytes("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100));
        double before = ended("pipeline_limit");
        RawClient client = RawClient.connectNarrow(server.port(), 4096);
        clients.add(client);

        Awaitility.await().pollInterval(Duration.ofMillis(1)).atMost(FLOOD).until(() -> {
            try {
                client.send(requests);
                return false;
            } catch (UncheckedIOException reset) {
                return true;
            }
        });
        assertThat(ended("pipeline_limit")).isEqualTo(before + 1);
        assertThat(server.log().text()).doesNotContain("maxPipelineDepth");
        assertThat(server.newFaults()).isEmpty();
    }

    @Test
    void addressWithAsManyConnectionsAsItMayHaveGetsNoMoreAndAnotherDoes() {
        double before = ended("address_limit");
        for (int i = 0; i < PER_ADDRESS; i++) {
            assertThat(from(4).request("GET", "/livez").status()).isEqualTo(200);
        }

        assertThat(from(4).endedWithin(SOON)).as("one too many").isTrue();
        assertThat(from(5).request("GET", "/livez").status()).isEqualTo(200);
        assertThat(ended("address_limit")).isEqualTo(before + 1);

        clients.get(0).close();
        Awaitility.await("room").atMost(SOON).until(() -> {
            RawClient next = from(4);
            next.trySend(bytes("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            return next.answer().status() == 200;
        });
    }

    @Test
    void webSocketsDoNotCountAsHttp() {
        for (int i = 0; i < 2 * PER_ADDRESS; i++) {
            from(6).opened(Tokens.standard().sign());
        }

        assertThat(from(6).request("GET", "/livez").status()).isEqualTo(200);
    }

    @Test
    void trustedProxySpeaksForMany() {
        for (int i = 0; i < 2 * PER_ADDRESS; i++) {
            assertThat(from(9).request("GET", "/livez").status()).isEqualTo(200);
        }
    }

    @Test
    void idleConnectionIsClosed() {
        RawClient client = from(7);
        assertThat(client.request("GET", "/livez").status()).isEqualTo(200);

        assertThat(client.endedWithin(SOON)).isTrue();
    }

    private RawClient from(int host) {
        RawClient client = RawClient.connectFrom(host, server.port());
        clients.add(client);
        return client;
    }

    private static void drip(RawClient client, String drop) {
        drips.scheduleWithFixedDelay(() -> client.trySend(bytes(drop)), 100, 500, TimeUnit.MILLISECONDS);
    }

    private static double ended(String reason) {
        return server.metrics().value("ws_http_connections_ended_total", "reason=\"" + reason + "\"");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
