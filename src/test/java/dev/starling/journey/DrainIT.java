package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** One node is asked to go with a thousand clients on it; the tests look at what was seen meanwhile. */
class DrainIT {

    private static final int CLIENTS = 1000;
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Duration JVM_EXIT = Duration.ofSeconds(15);

    private static final List<JsonNode> FAREWELLS = new ArrayList<>();
    private static final List<ClientSession.Closed> ENDS = new ArrayList<>();
    private static ServerProcess server;
    private static HttpAnswer refusal = new HttpAnswer(0, Map.of(), "");
    private static boolean unreadyWithClients;
    private static Duration took = Duration.ZERO;

    @BeforeAll
    static void drain() {
        server = ServerLaunch.with(
                        "starling.limits.max-connections-per-ip=0",
                        "starling.limits.max-connections-per-user=0",
                        "starling.limits.connect-rate=0",
                        "starling.drain.deadline=" + DEADLINE.toSeconds() + "s")
                .start();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        HttpClient http = HttpClient.newBuilder().executor(threads).build();
        List<ClientSession> sessions = new ArrayList<>();
        try {
            String token = Tokens.standard().sign();
            for (int i = 0; i < CLIENTS; i++) {
                sessions.add(ClientSession.open(http, server.socket(), token));
            }
            sessions.forEach(session -> session.await("welcome"));
            observe(sessions);
        } finally {
            sessions.forEach(ClientSession::close);
            threads.shutdownNow();
        }
    }

    private static void observe(List<ClientSession> sessions) {
        long start = System.nanoTime();
        server.signal("TERM");
        Awaitility.await()
                .atMost(DEADLINE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> server.get("/readyz").statusCode() == 503);
        unreadyWithClients = sessions.stream().noneMatch(ClientSession::closed);
        refusal = knock();
        for (ClientSession session : sessions) {
            FAREWELLS.add(session.await("goaway"));
            ENDS.add(session.awaitClosed(DEADLINE));
        }
        server.awaitExit(DEADLINE.plus(JVM_EXIT));
        took = Duration.ofNanos(System.nanoTime() - start);
    }

    private static HttpAnswer knock() {
        try (RawClient client = RawClient.connect(server.port())) {
            return client.upgrade(
                    "/ws", "Authorization: Bearer " + Tokens.standard().sign());
        } catch (UncheckedIOException e) {
            return new HttpAnswer(0, Map.of(), e.toString());
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void readinessGoesDownBeforeAnyClientIsSentAway() {
        assertThat(unreadyWithClients).isTrue();
    }

    @Test
    void newConnectionIsSentElsewhere() {
        AdmissionIT.assertRefused(refusal, 503);
    }

    @Test
    void eachClientIsToldWhenToComeBack() {
        assertThat(FAREWELLS).hasSize(CLIENTS).allSatisfy(farewell -> {
            assertThat(farewell.get("reason").asString()).isEqualTo("shutdown");
            assertThat(farewell.get("reconnectAfter").asLong()).isBetween(0L, 60_000L);
            assertThat(farewell.get("closeBy").asLong()).isBetween(0L, DEADLINE.toMillis());
        });
    }

    @Test
    void clientsAreToldDifferentTimes() {
        Set<Long> delays = new HashSet<>();
        FAREWELLS.forEach(farewell -> delays.add(farewell.get("reconnectAfter").asLong()));

        assertThat(delays).as("milliseconds").hasSizeGreaterThan(CLIENTS / 10);
    }

    @Test
    void eachConnectionIsClosedAsGoingAway() {
        assertThat(ENDS).hasSize(CLIENTS).containsOnly(new ClientSession.Closed(1001, "Server shutting down"));
    }

    @Test
    void processIsGoneWithinTheDeadline() {
        assertThat(took).isLessThan(DEADLINE.plus(JVM_EXIT));
        assertThat(server.alive()).isFalse();
    }

    @Test
    void drainLeavesNoFaultInTheLog() {
        assertThat(server.newFaults()).isEmpty();
    }
}
