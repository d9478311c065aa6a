package dev.starling.broker;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How nodes are joined.
 *
 * @param type {@code memory}: this node is alone; {@code redis}: with all that share a Redis, see {@code starling.broker.redis}
 * @param queueCapacity publications that may wait for this node's fan-out, a power of two from 512 to 1048576. In memory, a
 *     publish is refused with 109 past it. With Redis it is that of each lane, and what is past it is dropped and counted;
 *     a channel with history then makes up for it
 */
@ConfigurationProperties("starling.broker")
public record BrokerProperties(
        @DefaultValue("memory") Type type,
        @DefaultValue("65536") int queueCapacity) {

    /** @throws IllegalArgumentException naming property, value and range */
    public BrokerProperties {
        if (queueCapacity < 512 || queueCapacity > 1 << 20 || Integer.bitCount(queueCapacity) != 1) {
            throw new IllegalArgumentException("starling.broker.queue-capacity is " + queueCapacity
                    + ": it must be a power of two from 512 to 1048576");
        }
    }

    /** What joins the nodes. */
    public enum Type {
        /** Nothing. */
        MEMORY,
        /** Redis. */
        REDIS
    }
}
