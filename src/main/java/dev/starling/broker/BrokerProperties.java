package dev.starling.broker;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How nodes are joined.
 *
 * @param type {@code memory}: this node is alone
 * @param queueCapacity publications that may wait for this node's fan-out, a power of two from 512 to 1048576; past it a
 *     publish is refused with 109
 */
@ConfigurationProperties("starling.broker")
record BrokerProperties(
        @DefaultValue("memory") Type type,
        @DefaultValue("65536") int queueCapacity) {

    BrokerProperties {
        if (queueCapacity < 512 || queueCapacity > 1 << 20 || Integer.bitCount(queueCapacity) != 1) {
            throw new IllegalArgumentException("starling.broker.queue-capacity is " + queueCapacity
                    + ": it must be a power of two from 512 to 1048576");
        }
    }

    enum Type {
        MEMORY
    }
}
