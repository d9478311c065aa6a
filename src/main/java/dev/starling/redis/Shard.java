package dev.starling.redis;

import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.BitSet;
import java.util.concurrent.CompletionStage;

/**
 * A server and what it serves: a master of a Cluster and its slots; or the one that serves all.
 *
 * @param name its address, for logs and health
 * @param dialer makes a connection to it
 * @param slots its slots, never changed
 */
record Shard(String name, Dialer dialer, BitSet slots) {

    /** Makes a new connection each time. */
    interface Dialer {

        CompletionStage<StatefulRedisPubSubConnection<LinkName, byte[]>> dial();
    }

    /** The one that serves all. */
    static Shard whole(Dialer dialer) {
        BitSet all = new BitSet(SlotHash.SLOT_COUNT);
        all.set(0, SlotHash.SLOT_COUNT);
        return new Shard("redis", dialer, all);
    }
}
