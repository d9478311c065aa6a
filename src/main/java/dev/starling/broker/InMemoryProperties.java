package dev.starling.broker;

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
        if (historyBytes.compareTo(DataSize.ofMegabytes(1)) < 0
                || historyBytes.compareTo(DataSize.ofGigabytes(64)) > 0) {
            throw new IllegalArgumentException(
                    NAME + "history-bytes is " + historyBytes + ": it must be from 1MB to 64GB");
        }
        if (idempotencyKeys < 100 || idempotencyKeys > 10_000_000) {
            throw new IllegalArgumentException(
                    NAME + "idempotency-keys is " + idempotencyKeys + ": it must be from 100 to 10000000");
        }
        if (idempotencyTtl.compareTo(Duration.ofSeconds(1)) < 0 || idempotencyTtl.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    NAME + "idempotency-ttl is " + idempotencyTtl + ": it must be from 1s to 1d");
        }
    }
}
