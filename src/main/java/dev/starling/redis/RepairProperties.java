package dev.starling.redis;

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
    private static final Duration LONGEST_SPREAD = Duration.ofMinutes(1);
    private static final DataSize SMALLEST_BUFFER = DataSize.ofKilobytes(1);
    private static final DataSize LARGEST_BUFFER = DataSize.ofMegabytes(64);

    RepairProperties {
        within("lanes", lanes, 0, 256);
        within("repair-reads", repairReads, 1, 10_000);
        within("repair-page", repairPage, 2, 10_000);
        if (repairBuffer.compareTo(SMALLEST_BUFFER) < 0 || repairBuffer.compareTo(LARGEST_BUFFER) > 0) {
            throw new IllegalArgumentException(
                    NAME + "repair-buffer is " + repairBuffer + ": it must be from 1KB to 64MB");
        }
        if (repairSpread.isNegative() || repairSpread.compareTo(LONGEST_SPREAD) > 0) {
            throw new IllegalArgumentException(
                    NAME + "repair-spread is " + repairSpread.toMillis() + "ms: it must be from 0ms to 60000ms");
        }
    }

    private static void within(String property, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    NAME + property + " is " + value + ": it must be from " + least + " to " + most);
        }
    }

    /** How many lanes there are. */
    int laneCount() {
        return lanes == 0 ? Math.max(1, Runtime.getRuntime().availableProcessors() / 2) : lanes;
    }
}
