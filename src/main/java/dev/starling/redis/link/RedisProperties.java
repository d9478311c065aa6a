package dev.starling.redis.link;

import dev.starling.setting.Range;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How nodes are joined by Redis, with {@code starling.broker.type=redis}; where it is and how to log in say Spring's own
 * {@code spring.data.redis.*}.
 *
 * @param prefix The beginning of all keys and channels in Redis, so that several groups of nodes can share one: up to
 *     64 letters, digits and {@code :._-}.
 * @param pubsub {@code sharded}: a message goes only to the shard of its channel (Redis Cluster 7 or newer).
 *     {@code classic}: it goes to all. {@code auto}: sharded where possible.
 * @param linger How long a node keeps listening to a channel after its last local subscriber left, 0s to 1m.
 * @param subscribeBatch Channels per SUBSCRIBE command, 1 to 10000. Redis serves no one else while it executes one.
 * @param probeInterval How often a link is pinged and a message is sent through it, 100ms to 1m.
 * @param probeTimeout How long the answer to either may take before the link is considered dead and replaced, 100ms
 *     to 1m.
 * @param connectTimeout How long connecting and logging in may take, 100ms to 1m.
 *     {@code spring.data.redis.connect-timeout} takes precedence.
 * @param commandTimeout How long a command may take, 100ms to 1m. {@code spring.data.redis.timeout} takes precedence.
 * @param commandQueue Commands per connection that may wait for an answer, 100 to 1000000. Beyond it a publish is
 *     refused with error 109.
 * @param idempotencyTtl How long an idempotency key of a published message is remembered, 1s to 1d.
 * @param positionTtl How long an unused channel keeps its epoch and offset, 1m to 365d.
 */
@ConfigurationProperties("starling.broker.redis")
public record RedisProperties(
        @DefaultValue("ws:") String prefix,
        @DefaultValue("auto") PubSub pubsub,
        @DefaultValue("1s") Duration linger,
        @DefaultValue("512") int subscribeBatch,
        @DefaultValue("1s") Duration probeInterval,
        @DefaultValue("2500ms") Duration probeTimeout,
        @DefaultValue("1s") Duration connectTimeout,
        @DefaultValue("2s") Duration commandTimeout,
        @DefaultValue("10000") int commandQueue,
        @DefaultValue("5m") Duration idempotencyTtl,
        @DefaultValue("7d") Duration positionTtl) {

    private static final String NAME = "starling.broker.redis.";
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9:._-]{0,64}");

    public RedisProperties {
        if (!PREFIX.matcher(prefix).matches()) {
            throw Range.outside(NAME + "prefix", "'" + prefix + "'", "up to 64 letters, digits or :._-");
        }
        Range.of(NAME + "linger", linger, Duration.ZERO, Duration.ofMinutes(1));
        Range.of(NAME + "subscribe-batch", subscribeBatch, 1, 10_000);
        bounded("probe-interval", probeInterval);
        bounded("probe-timeout", probeTimeout);
        bounded("connect-timeout", connectTimeout);
        bounded("command-timeout", commandTimeout);
        Range.of(NAME + "command-queue", commandQueue, 100, 1_000_000);
        Range.of(NAME + "idempotency-ttl", idempotencyTtl, Duration.ofSeconds(1), Duration.ofDays(1));
        Range.of(NAME + "position-ttl", positionTtl, Duration.ofMinutes(1), Duration.ofDays(365));
    }

    /** Which of Redis' two kinds of pub/sub. */
    public enum PubSub {
        AUTO,
        CLASSIC,
        SHARDED
    }

    private static void bounded(String property, Duration value) {
        Range.of(NAME + property, value, Duration.ofMillis(100), Duration.ofMinutes(1));
    }
}
