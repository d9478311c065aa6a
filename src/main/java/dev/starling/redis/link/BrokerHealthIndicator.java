package dev.starling.redis.link;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractReactiveHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import reactor.core.publisher.Mono;

/**
 * Whether what is published reaches this node, for the readiness. It answers from what the links have found last and
 * never asks Redis, so that it is as quick when Redis hangs.
 */
final class BrokerHealthIndicator extends AbstractReactiveHealthIndicator {

    private final RedisCondition condition;

    BrokerHealthIndicator(RedisCondition condition) {
        super("the condition of the broker is not known");
        this.condition = condition;
    }

    @Override
    protected Mono<Health> doHealthCheck(Health.Builder builder) {
        builder.status(condition.isWell() ? "UP" : "DOWN");
        RedisFault commands = condition.commands();
        builder.withDetail("commands", commands == null ? "ok" : commands.text());
        Map<String, Object> links = new LinkedHashMap<>();
        condition.links().forEach((name, link) -> links.put(name, detail(link)));
        builder.withDetail("links", links);
        condition.counts().forEach((name, count) -> builder.withDetail(name, count.getAsLong()));
        return Mono.just(builder.build());
    }

    private static Map<String, Object> detail(RedisCondition.OfLink link) {
        RedisFault fault = link.fault();
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("state", fault == null ? "delivers" : fault.text());
        detail.put("since", link.since().toString());
        if (link.roundTripNanos() >= 0) {
            detail.put(
                    "roundTripMicros", Duration.ofNanos(link.roundTripNanos()).toNanos() / 1000);
        }
        return detail;
    }
}
