package dev.starling.api;

import dev.starling.security.RateLimit;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * How many requests and messages this node takes from one user or key per second. A request counts as one, and one that publishes
 * several messages as so many. The buckets are in a table that never grows, found by a hash that is seeded per process: two callers may
 * share a bucket and then each has a part of its rate, but nobody can choose a name that shares another's.
 */
final class RequestRate implements WebFilter, Ordered {

    private static final int BUCKETS = 1 << 14;
    private static final PathPattern API = PathPatternParser.defaultInstance.parse("/api/**");

    private final boolean isLimited;
    private final int burst;
    private final RateLimit limit;
    private final LongSupplier nanoTime;
    private final long start;
    private final long seed = ThreadLocalRandom.current().nextLong();
    private final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);
    private final Counter refused;

    RequestRate(int perSecond, int burst, MeterRegistry registry) {
        this(perSecond, burst, registry, System::nanoTime);
    }

    RequestRate(int perSecond, int burst, MeterRegistry registry, LongSupplier nanoTime) {
        this.isLimited = perSecond > 0;
        this.burst = burst;
        this.limit = RateLimit.of(perSecond, TimeUnit.SECONDS.toNanos(1), burst);
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        this.refused = Counter.builder("ws.api.rate.limited")
                .description(
                        "Requests to the API, and lines of them, that came too soon after others of the same user or key")
                .register(registry);
    }

    /** Behind Spring Security. */
    @Override
    public int getOrder() {
        return 0;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        if (!API.matches(exchange.getRequest().getPath().pathWithinApplication())) {
            return chain.filter(exchange);
        }
        return exchange.getPrincipal()
                .map(caller -> take(caller.getName(), 1))
                .defaultIfEmpty(0L)
                .flatMap(wait -> wait == 0
                        ? chain.filter(exchange)
                        : ApiProblems.answer(new RateLimitedException(wait), exchange));
    }

    /**
     * Takes messages of a request.
     *
     * @throws RateLimitedException if they come too soon
     */
    void check(String name, int messages) {
        long waitMillis = take(name, messages);
        if (waitMillis > 0) {
            throw new RateLimitedException(waitMillis);
        }
    }

    /** The same for the other messages of a request that has counted as one: of a bucket, no more than is left of it then. */
    void checkRest(String name, int count) {
        check(name, Math.min(count, burst - 1));
    }

    /** Hands a message on as soon as it may be taken; its caller is not to be read meanwhile. */
    <T> Mono<T> pass(String name, T message) {
        long waitMillis = take(name, 1);
        return waitMillis == 0
                ? Mono.just(message)
                : Mono.delay(Duration.ofMillis(waitMillis)).flatMap(now -> pass(name, message));
    }

    /**
     * Takes so many requests or messages, or the whole bucket if they are more than it holds; counts a refusal.
     *
     * @return 0, or in how many milliseconds so many may be taken
     */
    long take(String name, int count) {
        if (!isLimited) {
            return 0;
        }
        int bucket = bucket(name);
        int tokens = Math.min(count, burst);
        long now = nanoTime.getAsLong() - start;
        while (true) {
            long before = buckets.get(bucket);
            long after = limit.take(before, now, tokens);
            if (after == RateLimit.REFUSED) {
                refused.increment();
                return limit.retryAfterMillis(before, now, tokens);
            }
            if (buckets.compareAndSet(bucket, before, after)) {
                return 0;
            }
        }
    }

    /** Names of equal {@link String#hashCode} are told apart, too: the seed goes into each step. */
    private int bucket(String name) {
        long hash = seed;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 32;
        }
        return (int) ((hash * 0xBF58476D1CE4E5B9L) >>> 50);
    }
}
