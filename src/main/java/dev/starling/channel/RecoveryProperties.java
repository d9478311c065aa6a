package dev.starling.channel;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How much a subscriber may have missed to get it all. Who missed more is told {@code recovered:false}, and gets nothing of
 * it.
 *
 * @param maxMessages Messages that a client may have missed and still recover, 1 to 10000. A client that missed more
 *     is told {@code recovered:false}.
 * @param maxBytes Bytes that a client may have missed and still recover, 1KB to 1GB. As much may
 *     wait for a connection until it has caught up.
 */
@ConfigurationProperties("starling.recovery")
public record RecoveryProperties(
        @DefaultValue("1000") int maxMessages,
        @DefaultValue("16MB") DataSize maxBytes) {

    private static final DataSize LEAST_BYTES = DataSize.ofKilobytes(1);
    private static final DataSize MOST_BYTES = DataSize.ofGigabytes(1);

    /** @throws IllegalArgumentException naming the property, the value and what is allowed */
    public RecoveryProperties {
        if (maxMessages < 1 || maxMessages > 10_000) {
            throw new IllegalArgumentException(
                    "starling.recovery.max-messages is " + maxMessages + ": it must be from 1 to 10000");
        }
        if (maxBytes.compareTo(LEAST_BYTES) < 0 || maxBytes.compareTo(MOST_BYTES) > 0) {
            throw new IllegalArgumentException(
                    "starling.recovery.max-bytes is " + maxBytes + ": it must be from 1KB to 1GB");
        }
    }
}
