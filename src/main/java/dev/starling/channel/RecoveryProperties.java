package dev.starling.channel;

import dev.starling.setting.Range;
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

    /** @throws IllegalArgumentException naming the property, the value and what is allowed */
    public RecoveryProperties {
        Range.of("starling.recovery.max-messages", maxMessages, 1, 10_000);
        Range.of("starling.recovery.max-bytes", maxBytes, DataSize.ofKilobytes(1), DataSize.ofGigabytes(1));
    }
}
