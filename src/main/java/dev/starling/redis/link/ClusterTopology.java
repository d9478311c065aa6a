package dev.starling.redis.link;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.event.ClusterTopologyChangedEvent;
import io.lettuce.core.cluster.models.partitions.Partitions;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;

/** Which master of a Cluster serves which slots, asked anew whenever there is doubt. On the loop. */
final class ClusterTopology {

    private static final Logger log = LoggerFactory.getLogger(ClusterTopology.class);
    private static final long SHORTEST_MILLIS = 50;
    private static final long LONGEST_MILLIS = 150;

    private final RedisClusterClient client;
    private final LinkLoop loop;
    private final Runnable changed;
    private final Disposable watch;
    private boolean refreshing;
    private boolean again;

    /** @param changed what to do when it may have changed */
    ClusterTopology(RedisClusterClient client, LinkLoop loop, Runnable changed) {
        this.client = client;
        this.loop = loop;
        this.changed = changed;
        this.watch = client.getResources()
                .eventBus()
                .get()
                .ofType(ClusterTopologyChangedEvent.class)
                .subscribe(event -> loop.execute(changed));
    }

    /** Asks soon, once for all who doubt meanwhile. */
    void doubt() {
        if (refreshing) {
            again = true;
            return;
        }
        refreshing = true;
        long wait = ThreadLocalRandom.current().nextLong(SHORTEST_MILLIS, LONGEST_MILLIS);
        loop.schedule(this::refresh, TimeUnit.MILLISECONDS.toNanos(wait));
    }

    /** If nobody answers, what was known before is tried again. */
    private void refresh() {
        again = false;
        CompletionStage<Void> refresh;
        try {
            refresh = client.refreshPartitionsAsync();
        } catch (RuntimeException failure) {
            log.atWarn().setCause(failure).log("redis.topology_not_asked");
            refreshed();
            return;
        }
        refresh.whenComplete((done, failure) -> loop.execute(this::refreshed));
    }

    private void refreshed() {
        refreshing = false;
        changed.run();
        if (again) {
            doubt();
        }
    }

    /** A master, and the slots that it serves. */
    record Master(RedisURI uri, BitSet slots) {}

    /** The masters that serve slots, by their addresses. */
    Map<String, Master> masters() {
        Map<String, Master> masters = new TreeMap<>();
        for (RedisClusterNode node : client.getPartitions()) {
            if (node.is(RedisClusterNode.NodeFlag.UPSTREAM) && !node.hasNoSlots()) {
                BitSet slots = new BitSet(SlotHash.SLOT_COUNT);
                node.getSlots().forEach(slots::set);
                RedisURI uri = node.getUri();
                masters.put(uri.getHost() + ':' + uri.getPort(), new Master(uri, slots));
            }
        }
        return masters;
    }

    /** The name of the master that serves a key's slot; empty if none is known. */
    static String owner(Partitions partitions, String key) {
        RedisClusterNode node = partitions.getPartitionBySlot(SlotHash.getSlot(key));
        return node == null ? "" : node.getNodeId();
    }

    /** Any master, for what goes to all. */
    @Nullable
    RedisURI anyMaster() {
        List<Master> masters = List.copyOf(masters().values());
        return masters.isEmpty()
                ? null
                : masters.get(ThreadLocalRandom.current().nextInt(masters.size()))
                        .uri();
    }

    void close() {
        watch.dispose();
    }
}
