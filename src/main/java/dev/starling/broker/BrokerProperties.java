package dev.starling.broker;

import dev.starling.setting.Range;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How nodes are joined.
 *
 * @param type {@code memory}: this node is alone. {@code redis}: it is one server with all nodes that share its
 *     Redis.
 * @param queueCapacity Publications that may wait for the fan-out of this node, a power of two from 512 to 1048576.
 *     In memory, a publish beyond it is refused with error 109. With Redis the limit is per lane; messages beyond it are
 *     dropped and counted, and channels with history read them again.
 */
@ConfigurationProperties("starling.broker")
public record BrokerProperties(
        @DefaultValue("memory") Type type,
        @DefaultValue("65536") int queueCapacity) {

    /** @throws IllegalArgumentException naming property, value and range */
    public BrokerProperties {
        Range.powerOfTwo("starling.broker.queue-capacity", queueCapacity, 512, 1 << 20);
    }

    /** What joins the nodes. */
    public enum Type {
        /** Nothing. */
        MEMORY,
        /** Redis. */
        REDIS
    }
}
