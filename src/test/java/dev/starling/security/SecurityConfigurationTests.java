package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

@SpringBootTest(
        classes = SecurityTestServer.class,
        properties = {
            "management.health.redis.enabled=false",
            "starling.security.jwt.secret=" + TestTokens.SECRET,
            "starling.security.allowed-origins=https://app.example",
            "spring.security.oauth2.resourceserver.jwt.audiences=starling",
        })
class SecurityConfigurationTests {

    @Autowired
    @SuppressWarnings("NullAway.Init")
    private ApplicationContext context;

    @Autowired
    @SuppressWarnings("NullAway.Init")
    private MeterRegistry registry;

    @SuppressWarnings("NullAway.Init")
    private WebTestClient client;

    @BeforeEach
    void connect() {
        client = WebTestClient.bindToApplicationContext(context).build();
    }

    @Test
    void tokenIsTakenFromEachOfItsPlaces() {
        upgrade(token())
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(String.class)
                .isEqualTo("alice");
        client.get()
                .uri("/ws")
                .header("Sec-WebSocket-Protocol", "starling.v1, bearer." + token())
                .exchange()
                .expectStatus()
                .isOk();
        client.get()
                .uri("/ws?access_token={t}", token())
                .exchange()
                .expectStatus()
                .isOk();
    }

    @Test
    void withoutTokenIs401() {
        client.get()
                .uri("/ws")
                .header("Upgrade", "websocket")
                .exchange()
                .expectStatus()
                .isUnauthorized()
                .expectHeader()
                .valueEquals(HttpHeaders.WWW_AUTHENTICATE, "Bearer")
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.type")
                .isEqualTo("about:blank")
                .jsonPath("$.status")
                .isEqualTo(401)
                .jsonPath("$.title")
                .isNotEmpty()
                .jsonPath("$.code")
                .isEqualTo("no_token");
    }

    @ParameterizedTest
    @MethodSource
    void invalidTokenIs401(String name, String token) {
        upgrade(token)
                .exchange()
                .expectStatus()
                .isUnauthorized()
                .expectHeader()
                .valueMatches(HttpHeaders.WWW_AUTHENTICATE, "Bearer.*invalid_token.*")
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo("invalid_token")
                .jsonPath("$.detail")
                .isNotEmpty();
    }

    static Stream<String[]> invalidTokenIs401() {
        return Stream.of(
                new String[] {"unsigned", TestTokens.unsigned(c -> c.audience("starling"))},
                new String[] {"other key", TestTokens.hs256("x".repeat(32).getBytes(StandardCharsets.UTF_8), c -> {})},
                new String[] {"other audience", token(c -> c.audience("another"))},
                new String[] {"expired", token(c -> c.expirationTime(TestTokens.in(-90)))},
                new String[] {"not yet valid", token(c -> c.notBeforeTime(TestTokens.in(90)))},
                new String[] {"no subject", token(c -> c.subject(null))},
                new String[] {"malformed channels", token(c -> c.claim("channels", "*"))},
                new String[] {"garbage", "garbage"},
                new String[] {"quotes", "\"},{\""},
                new String[] {"too long", "a".repeat(20_000)});
    }

    @Test
    void foreignOriginIs403BeforeTheTokenIsLookedAt() {
        upgrade(token())
                .header("Origin", "https://evil.example")
                .exchange()
                .expectStatus()
                .isForbidden()
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo("origin");
        upgrade(token())
                .header("Origin", "https://app.example")
                .exchange()
                .expectStatus()
                .isOk();
        // Only a development key opens the node to pages of this machine.
        upgrade(token())
                .header("Origin", "http://localhost:3000")
                .exchange()
                .expectStatus()
                .isForbidden();
    }

    @Test
    void refusedUpgradesAreCountedAndOtherRequestsAreNot() {
        double before = refused("no_token");
        client.get().uri("/ws").header("Upgrade", "websocket").exchange();
        assertThat(refused("no_token")).isEqualTo(before + 1);
        client.get().uri("/ws").exchange().expectStatus().isUnauthorized();
        assertThat(refused("no_token")).isEqualTo(before + 1);
    }

    @Test
    void allReasonsHaveASeriesFromTheStart() {
        for (UpgradeRefusal reason : UpgradeRefusal.values()) {
            assertThat(refused(reason.tag())).isNotNegative();
        }
    }

    @Test
    void healthIsOpenAndShowsDetailsToOperatorsOnly() {
        for (String path : new String[] {"/actuator/health", "/actuator/health/liveness", "/livez", "/readyz"}) {
            client.get()
                    .uri(path)
                    .exchange()
                    .expectStatus()
                    .isOk()
                    .expectBody()
                    .jsonPath("$.components")
                    .doesNotExist();
        }
        get("/actuator/health", token()).expectBody().jsonPath("$.components").doesNotExist();
        get("/actuator/health", ops()).expectBody().jsonPath("$.components").exists();
    }

    @Test
    void restOfActuatorIsForOperators() {
        for (String path : new String[] {"/actuator", "/actuator/metrics", "/actuator/prometheus", "/actuator/info"}) {
            client.get().uri(path).exchange().expectStatus().isUnauthorized();
            get(path, token())
                    .expectStatus()
                    .isForbidden()
                    .expectBody()
                    .jsonPath("$.code")
                    .isEqualTo("forbidden");
            get(path, ops()).expectStatus().isOk();
        }
    }

    @Test
    void badTokenDoesNotGetToHealthEither() {
        get("/actuator/health", "garbage").expectStatus().isUnauthorized();
    }

    @Test
    void thereIsNothingElse() {
        for (String path :
                new String[] {"/nothing", "/login", "/logout", "/", "/ws/", "/WS", "/Api/node", "/actuators"}) {
            client.get().uri(path).exchange().expectStatus().isNotFound();
            client.post().uri(path).exchange().expectStatus().isNotFound();
            get(path, token()).expectStatus().isNotFound();
        }
    }

    @Test
    void nothingIsRemembered() {
        get("/ws", token()).expectStatus().isOk().expectHeader().doesNotExist(HttpHeaders.SET_COOKIE);
        client.get().uri("/ws").exchange().expectHeader().doesNotExist(HttpHeaders.SET_COOKIE);
        client.post()
                .uri("/ws")
                .headers(headers -> headers.setBearerAuth(token()))
                .exchange()
                .expectStatus()
                .isOk();
    }

    private double refused(String reason) {
        return registry.get("ws.upgrade.refused")
                .tag("reason", reason)
                .counter()
                .count();
    }

    private WebTestClient.ResponseSpec get(String path, String token) {
        return client.get()
                .uri(path)
                .headers(headers -> headers.setBearerAuth(token))
                .exchange();
    }

    private WebTestClient.RequestHeadersSpec<?> upgrade(String token) {
        return client.get()
                .uri("/ws")
                .header("Upgrade", "websocket")
                .header("Connection", "Upgrade")
                .headers(headers -> headers.setBearerAuth(token));
    }

    private static String token() {
        return token(claims -> {});
    }

    private static String ops() {
        return token(claims -> claims.claim("scope", "ops"));
    }

    private static String token(Consumer<JWTClaimsSet.Builder> change) {
        return TestTokens.hs256(claims -> change.accept(claims.audience("starling")));
    }
}
