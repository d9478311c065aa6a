package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A connection lives as long as its token, and a grace. */
class TokenExpiryIT {

    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final Duration LIFE = Duration.ofSeconds(3);

    private static ServerProcess server;

    private final List<ClientSession> sessions = new ArrayList<>();

    @BeforeAll
    static void start() {
        server = ServerLaunch.with("starling.security.token-grace=" + GRACE.toMillis() + "ms")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void leave() {
        sessions.forEach(ClientSession::close);
    }

    @Test
    void connectionClosesAGraceAfterItsTokenWhileARefreshedOneLives() {
        ClientSession forgetful = open(LIFE);
        ClientSession refreshed = open(LIFE);
        assertThat(forgetful.await("welcome").get("expiresIn").asLong()).isBetween(1L, LIFE.toMillis());

        String token = Tokens.standard().expires(Duration.ofHours(1)).sign();
        JsonNode reply = refreshed
                .send("{\"type\":\"refresh\",\"id\":\"r\",\"token\":\"" + token + "\"}")
                .await("refreshed");
        assertThat(reply.get("id").asString()).isEqualTo("r");
        assertThat(reply.get("expiresIn").asLong()).isGreaterThan(3_500_000);

        assertThat(forgetful.awaitClosed()).isEqualTo(new ClientSession.Closed(4006, "token_expired"));
        refreshed.await("welcome");
        assertThat(refreshed.drain()).as("still open").isEmpty();
    }

    @Test
    void connectionIsNotClosedBeforeTheGraceIsOver() {
        long start = System.nanoTime();
        Duration life = Duration.ofSeconds(2);

        open(life).awaitClosed();

        // "exp" counts whole seconds, so it may lie up to one before
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThan(life.plus(GRACE).minusSeconds(1));
    }

    @Test
    void timesOfRefreshAreSpread() {
        Set<Long> times = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            JsonNode welcome = open(Duration.ofHours(1)).await("welcome");
            assertThat(welcome.get("refreshIn").asLong())
                    .isPositive()
                    .isLessThan(welcome.get("expiresIn").asLong());
            times.add(welcome.get("refreshIn").asLong() / 100);
        }
        assertThat(times).as("tenths of a second").hasSizeGreaterThan(10);
    }

    private ClientSession open(Duration life) {
        ClientSession session =
                ClientSession.open(server, Tokens.standard().expires(life).sign());
        sessions.add(session);
        return session;
    }
}
