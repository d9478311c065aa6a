package dev.starling.redis;

import io.lettuce.core.cluster.SlotHash;
import java.util.BitSet;

/**
 * What the canaries of this node are called in Redis, as channels and as keys: no two nodes share one.
 *
 * @param prefix see {@link RedisProperties}
 * @param nodeId this node, for as long as it runs
 */
record CanaryNames(String prefix, String nodeId) {

    /** One in any of these slots; the number in braces decides about the slot. */
    String in(BitSet slots) {
        for (int number = 0; ; number++) {
            String name = prefix + "canary:" + nodeId + ":{" + number + '}';
            if (slots.get(SlotHash.getSlot(name))) {
                return name;
            }
        }
    }
}
