package dev.starling.redis.stream;

import dev.starling.setting.Range;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How this node makes up for messages that it missed, see {@link ChannelCursor}; and how many threads hand on what it hears.
 *
 * @param lanes Threads that process messages from Redis, 0 to 256. 0 means one per two processors. Each has a queue
 *     of {@code starling.broker.queue-capacity} messages.
 * @param repairReads Reads of missed messages that may run at the same time, 1 to 10000.
 * @param repairPage Messages per read, 2 to 10000.
 * @param repairBuffer Bytes per read, and bytes of live messages held for a channel meanwhile, 1KB to 64MB. Live
 *     messages beyond it are read again.
 * @param repairSpread The longest wait before a node reads missed messages after an outage, 0s to 1m. Each node waits
 *     a random time, so that they do not all read at once.
 */
@ConfigurationProperties("starling.broker.redis")
record RepairProperties(
        @DefaultValue("0") int lanes,
        @DefaultValue("64") int repairReads,
        @DefaultValue("128") int repairPage,
        @DefaultValue("256KB") DataSize repairBuffer,
        @DefaultValue("250ms") Duration repairSpread) {

    private static final String NAME = "starling.broker.redis.";

    RepairProperties {
        Range.of(NAME + "lanes", lanes, 0, 256);
        Range.of(NAME + "repair-reads", repairReads, 1, 10_000);
        Range.of(NAME + "repair-page", repairPage, 2, 10_000);
        Range.of(NAME + "repair-buffer", repairBuffer, DataSize.ofKilobytes(1), DataSize.ofMegabytes(64));
        Range.of(NAME + "repair-spread", repairSpread, Duration.ZERO, Duration.ofMinutes(1));
    }

    /** How many lanes there are. */
    int laneCount() {
        return lanes == 0 ? Math.max(1, Runtime.getRuntime().availableProcessors() / 2) : lanes;
    }
}
