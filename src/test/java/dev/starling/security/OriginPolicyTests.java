package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Mono;

class OriginPolicyTests {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void requestWithoutOriginPasses() {
        assertThat(passes(policy(false), upgrade())).isTrue();
    }

    @Test
    void ownOriginPasses() {
        assertThat(passes(policy(false), upgrade("http://node.example:8080"))).isTrue();
    }

    @Test
    void listedOriginPasses() {
        assertThat(passes(policy(false, "https://app.example"), upgrade("https://app.example")))
                .isTrue();
    }

    @Test
    void foreignOriginIsRefusedAndCounted() {
        MockServerWebExchange exchange = exchange(upgrade("https://evil.example"));
        assertThat(passes(policy(false, "https://app.example"), exchange)).isFalse();
        assertThat(exchange.getResponse().getStatusCode()).isEqualTo(HttpStatus.FORBIDDEN);
        assertThat(exchange.getResponse().getBodyAsString().block(Duration.ofSeconds(5)))
                .contains("\"code\":\"origin\"", "\"status\":403");
        assertThat(registry.get("ws.upgrade.refused")
                        .tag("reason", "origin")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void opaqueOriginIsRefused() {
        assertThat(passes(policy(false), upgrade("null"))).isFalse();
        assertThat(passes(policy(true), upgrade("null"))).isFalse();
    }

    @Test
    void twoOriginsAreRefused() {
        assertThat(passes(policy(false, "*"), upgrade("http://node.example:8080", "https://evil.example")))
                .isFalse();
    }

    @Test
    void pagesOfThisMachinePassInDevelopmentOnly() {
        for (String origin : List.of("http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:3000")) {
            assertThat(passes(policy(true), upgrade(origin))).as(origin).isTrue();
            assertThat(passes(policy(false), upgrade(origin))).as(origin).isFalse();
        }
        assertThat(passes(policy(true), upgrade("http://localhost.evil.example")))
                .isFalse();
    }

    @Test
    void otherRequestsAreNotItsBusiness() {
        MockServerHttpRequest request = MockServerHttpRequest.get("/")
                .header("Origin", "https://evil.example")
                .build();
        assertThat(passes(policy(false), request)).isTrue();
    }

    private OriginPolicy policy(boolean development, String... allowed) {
        return new OriginPolicy(List.of(allowed), development, new UpgradeRefusals(registry));
    }

    private static MockServerHttpRequest upgrade(String... origins) {
        return MockServerHttpRequest.get("http://node.example:8080/ws")
                .header("Host", "node.example:8080")
                .header("Connection", "Upgrade")
                .header("Upgrade", "WebSocket")
                .header("Origin", origins)
                .build();
    }

    private static MockServerWebExchange exchange(MockServerHttpRequest request) {
        return MockServerWebExchange.from(request);
    }

    private static boolean passes(OriginPolicy policy, MockServerHttpRequest request) {
        return passes(policy, exchange(request));
    }

    private static boolean passes(OriginPolicy policy, MockServerWebExchange exchange) {
        AtomicBoolean passed = new AtomicBoolean();
        policy.filter(exchange, e -> Mono.fromRunnable(() -> passed.set(true))).block(Duration.ofSeconds(5));
        return passed.get();
    }
}
