package dev.starling.security;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Refuses requests with {@code application/problem+json}, and counts those that wanted to be upgraded, or an event stream, in {@code
 * ws.upgrade.refused{reason}}. Thread-safe.
 */
public final class UpgradeRefusals {

    private static final String COUNTS = UpgradeRefusals.class.getName() + ".counts";

    private final Map<UpgradeRefusal, Counter> counters = new EnumMap<>(UpgradeRefusal.class);

    /** Registers the series of all reasons, so that they are 0 rather than absent until the first refusal. */
    UpgradeRefusals(MeterRegistry registry) {
        for (UpgradeRefusal reason : UpgradeRefusal.values()) {
            counters.put(
                    reason,
                    Counter.builder("ws.upgrade.refused")
                            .description("Upgrades and event streams refused, by reason")
                            .tag("reason", reason.tag())
                            .register(registry));
        }
    }

    /** Whether the request asks to become a WebSocket, maybe among other protocols (RFC 9110, section 7.8). */
    public static boolean isUpgrade(ServerHttpRequest request) {
        return HeaderTokens.of(request.getHeaders(), HttpHeaders.UPGRADE).anyMatch("websocket"::equalsIgnoreCase);
    }

    /** Has a refusal of this request counted as that of an upgrade. */
    public static void countAsUpgrade(ServerWebExchange exchange) {
        exchange.getAttributes().put(COUNTS, true);
    }

    /** Refuses the request; {@code Retry-After} as the reason suggests, with jitter. Completes when the response is written. */
    public Mono<Void> write(ServerWebExchange exchange, UpgradeRefusal reason) {
        return write(exchange, reason, reason.retryAfterSeconds());
    }

    /**
     * Refuses the request. Completes when the response is written.
     *
     * @param retryAfterSeconds the least wait to tell the client, which is jittered so that not all come back at once; 0 = tell none
     */
    public Mono<Void> write(ServerWebExchange exchange, UpgradeRefusal reason, int retryAfterSeconds) {
        return write(exchange, reason, retryAfterSeconds, null);
    }

    /**
     * Refuses the request. Completes when the response is written.
     *
     * @param retryAfterSeconds as above
     * @param detail more for people; null = nothing to add
     */
    public Mono<Void> write(
            ServerWebExchange exchange, UpgradeRefusal reason, int retryAfterSeconds, @Nullable String detail) {
        return Mono.defer(() -> {
            if (isUpgrade(exchange.getRequest()) || exchange.getAttributes().containsKey(COUNTS)) {
                count(reason);
            }
            if (retryAfterSeconds > 0) {
                exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, jittered(retryAfterSeconds));
            }
            return reason.problem(detail).write(exchange);
        });
    }

    /** Counts the refusal of an upgrade, and returns the answer for a handler that writes it and closes the connection. */
    public FullHttpResponse answer(UpgradeRefusal reason) {
        count(reason);
        FullHttpResponse answer = reason.problem(null).answer();
        answer.headers().set(HttpHeaderNames.RETRY_AFTER, jittered(reason.retryAfterSeconds()));
        return answer;
    }

    @SuppressWarnings("NullAway") // the constructor put one for each reason
    private void count(UpgradeRefusal reason) {
        counters.get(reason).increment();
    }

    /** Up to half more, at least a second. */
    private static String jittered(int seconds) {
        return String.valueOf(seconds + ThreadLocalRandom.current().nextInt(Math.max(1, seconds / 2) + 1));
    }
}
