package dev.starling.broker;

import dev.starling.setting.Range;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How the nodes know each other.
 *
 * @param heartbeat How often a node reports that it is alive, 100ms to 1m.
 * @param ttl How long after its last heartbeat a node is considered gone, two heartbeats to 10m. 0s means three
 *     heartbeats.
 * @param maxAnswer Bytes of one node's answer to a question to all nodes, 1KB to 16MB. A longer answer is reported as
 *     {@code too_large}. With Redis, all answers together may have 16MB.
 */
@ConfigurationProperties("starling.nodes")
public record NodesProperties(
        @DefaultValue("2s") Duration heartbeat,
        @DefaultValue("0s") Duration ttl,
        @DefaultValue("1MB") DataSize maxAnswer) {

    private static final String NAME = "starling.nodes.";

    /**
     * Puts what 0 stands for.
     *
     * @throws IllegalArgumentException naming property, value and range
     */
    public NodesProperties {
        Range.of(NAME + "heartbeat", heartbeat, Duration.ofMillis(100), Duration.ofMinutes(1));
        Range.zeroOr(NAME + "ttl", ttl, heartbeat.multipliedBy(2), Duration.ofMinutes(10));
        ttl = ttl.isZero() ? heartbeat.multipliedBy(3) : ttl;
        Range.of(NAME + "max-answer", maxAnswer, DataSize.ofKilobytes(1), DataSize.ofMegabytes(16));
    }

    /** What one node may answer. */
    public int maxAnswerBytes() {
        return (int) maxAnswer.toBytes();
    }
}
