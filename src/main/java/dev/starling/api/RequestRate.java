package dev.starling.api;

import dev.starling.protocol.ErrorCode;
import dev.starling.security.RateLimit;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * How often one user or key may ask this node. Their buckets are found by a hash, in a table that never grows: of two that share one,
 * both have a part of its rate.
 */
final class RequestRate implements WebFilter, Ordered {

    private static final int BUCKETS = 1 << 14;
    private static final String API = "/api/";

    private final boolean isLimited;
    private final RateLimit limit;
    private final LongSupplier nanoTime;
    private final long start;
    private final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);
    private final Counter refused;

    RequestRate(int perSecond, int burst, MeterRegistry registry) {
        this(perSecond, burst, registry, System::nanoTime);
    }

    RequestRate(int perSecond, int burst, MeterRegistry registry, LongSupplier nanoTime) {
        this.isLimited = perSecond > 0;
        this.limit = RateLimit.of(perSecond, TimeUnit.SECONDS.toNanos(1), burst);
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        this.refused = Counter.builder("ws.api.rate.limited")
                .description("Requests to the API that came too soon after others of the same user or key")
                .register(registry);
    }

    /** Behind Spring Security. */
    @Override
    public int getOrder() {
        return 0;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        if (!exchange.getRequest().getPath().pathWithinApplication().value().startsWith(API)) {
            return chain.filter(exchange);
        }
        return exchange.getPrincipal()
                .map(caller -> take(caller.getName()))
                .defaultIfEmpty(0L)
                .flatMap(wait -> wait == 0 ? chain.filter(exchange) : refuse(exchange, wait));
    }

    private Mono<Void> refuse(ServerWebExchange exchange, long waitMillis) {
        return refusal(waitMillis).write(exchange);
    }

    /** Counts one more that was refused, and says how to tell. */
    ApiProblems.Answer refusal(long waitMillis) {
        refused.increment();
        return ApiProblems.of(ErrorCode.RATE_LIMITED, "wait " + waitMillis + " ms", waitMillis);
    }

    /** Takes one request; 0, or how long to wait for the next in milliseconds. */
    long take(String name) {
        if (!isLimited) {
            return 0;
        }
        int bucket = (name.hashCode() * 0x9E3779B9) >>> 18;
        long now = nanoTime.getAsLong() - start;
        while (true) {
            long before = buckets.get(bucket);
            long after = limit.take(before, now);
            if (after == RateLimit.REFUSED) {
                return limit.retryAfterMillis(before, now);
            }
            if (buckets.compareAndSet(bucket, before, after)) {
                return 0;
            }
        }
    }
}
