package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.mock.web.server.MockServerWebExchange;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class UpgradeRefusalsTests {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final UpgradeRefusals refusals = new UpgradeRefusals(registry);

    @ParameterizedTest
    @EnumSource
    void eachReasonIsAProblemForProgramsPeopleAndMetrics(UpgradeRefusal reason) {
        MockServerHttpResponse response = write(reason, reason.retryAfterSeconds(), null);
        assertThat(response.getStatusCode()).isEqualTo(reason.status());
        assertThat(response.getHeaders().getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON);
        JsonNode body = body(response);
        assertThat(body.get("type").asString()).isEqualTo("about:blank");
        assertThat(body.get("status").asInt()).isEqualTo(reason.status().value());
        assertThat(body.get("title").asString()).isNotBlank();
        assertThat(body.get("code").asString()).isEqualTo(reason.tag());
        assertThat(registry.get("ws.upgrade.refused")
                        .tag("reason", reason.tag())
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void whoMayComeBackIsToldWhen(UpgradeRefusal reason) {
        boolean temporary =
                reason.status() == HttpStatus.TOO_MANY_REQUESTS || reason.status() == HttpStatus.SERVICE_UNAVAILABLE;
        assertThat(reason.retryAfterSeconds() > 0).isEqualTo(temporary);
        assertThat(write(reason, reason.retryAfterSeconds(), null).getHeaders().containsHeader("Retry-After"))
                .isEqualTo(temporary);
    }

    @Test
    void waitIsJitteredUpwards() {
        for (int i = 0; i < 200; i++) {
            String wait = write(UpgradeRefusal.NODE_FULL, 10, null).getHeaders().getFirst("Retry-After");
            assertThat(Integer.parseInt(Objects.requireNonNull(wait))).isBetween(10, 15);
        }
    }

    @Test
    void detailIsEscaped() {
        String detail = "a \"quoted\" \\ and\nnew line";
        assertThat(body(write(UpgradeRefusal.INVALID_TOKEN, 0, detail))
                        .get("detail")
                        .asString())
                .isEqualTo(detail);
    }

    private MockServerHttpResponse write(UpgradeRefusal reason, int retryAfterSeconds, @Nullable String detail) {
        MockServerWebExchange exchange =
                MockServerWebExchange.from(MockServerHttpRequest.get("/ws").header("Upgrade", "websocket"));
        refusals.write(exchange, reason, retryAfterSeconds, detail).block(PATIENCE);
        return exchange.getResponse();
    }

    private static JsonNode body(MockServerHttpResponse response) {
        return JsonMapper.shared()
                .readTree(Objects.requireNonNull(response.getBodyAsString().block(PATIENCE)));
    }
}
