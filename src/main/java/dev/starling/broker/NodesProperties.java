package dev.starling.broker;

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
    private static final Duration LEAST_HEARTBEAT = Duration.ofMillis(100);
    private static final Duration MOST_HEARTBEAT = Duration.ofMinutes(1);
    private static final Duration MOST_TTL = Duration.ofMinutes(10);
    private static final DataSize LEAST_ANSWER = DataSize.ofKilobytes(1);
    private static final DataSize MOST_ANSWER = DataSize.ofMegabytes(16);

    /**
     * Puts what 0 stands for.
     *
     * @throws IllegalArgumentException naming property, value and range
     */
    public NodesProperties {
        if (heartbeat.compareTo(LEAST_HEARTBEAT) < 0 || heartbeat.compareTo(MOST_HEARTBEAT) > 0) {
            throw new IllegalArgumentException(
                    NAME + "heartbeat is " + heartbeat.toMillis() + "ms: it must be from 100ms to 1m");
        }
        ttl = ttl.isZero() ? heartbeat.multipliedBy(3) : ttl;
        if (ttl.compareTo(heartbeat.multipliedBy(2)) < 0 || ttl.compareTo(MOST_TTL) > 0) {
            throw new IllegalArgumentException(NAME + "ttl is " + ttl.toMillis() + "ms: it must be from "
                    + heartbeat.multipliedBy(2).toMillis() + "ms, which is two heartbeats, to 10m, or 0");
        }
        if (maxAnswer.compareTo(LEAST_ANSWER) < 0 || maxAnswer.compareTo(MOST_ANSWER) > 0) {
            throw new IllegalArgumentException(NAME + "max-answer is " + maxAnswer + ": it must be from 1KB to 16MB");
        }
    }

    /** What one node may answer. */
    public int maxAnswerBytes() {
        return (int) maxAnswer.toBytes();
    }
}
