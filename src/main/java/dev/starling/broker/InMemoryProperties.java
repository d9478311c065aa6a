package dev.starling.broker;

import dev.starling.setting.Range;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What a node that is alone keeps in its heap, with {@code starling.broker.type=memory}.
 *
 * @param historyBytes Bytes of the histories of all channels together, 1MB to 64GB. Beyond it the least recently used
 *     channel loses its oldest messages first, and finally its epoch.
 * @param idempotencyKeys How many idempotency keys of published messages are remembered, 100 to 10000000. Beyond it
 *     the oldest is forgotten.
 * @param idempotencyTtl How long an idempotency key is remembered, 1s to 1d.
 */
@ConfigurationProperties("starling.broker.memory")
record InMemoryProperties(
        @DefaultValue("128MB") DataSize historyBytes,
        @DefaultValue("100000") int idempotencyKeys,
        @DefaultValue("5m") Duration idempotencyTtl) {

    private static final String NAME = "starling.broker.memory.";

    InMemoryProperties {
        Range.of(NAME + "history-bytes", historyBytes, DataSize.ofMegabytes(1), DataSize.ofGigabytes(64));
        Range.of(NAME + "idempotency-keys", idempotencyKeys, 100, 10_000_000);
        Range.of(NAME + "idempotency-ttl", idempotencyTtl, Duration.ofSeconds(1), Duration.ofDays(1));
    }
}
