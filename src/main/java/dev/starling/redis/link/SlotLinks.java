package dev.starling.redis.link;

import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which link serves which channel: with sharded pub/sub there is one per master of the Cluster, with the channels whose
 * slots that master serves; else one has them all. When Redis, a broken connection or the topology says that this may have
 * changed, what is wanted is compared with who serves it, until they agree. On the loop, but for {@link #linkOf}.
 */
final class SlotLinks {

    private final Function<Shard, RedisLink> factory;
    private final Map<String, RedisLink> links = new HashMap<>();
    private final AtomicReferenceArray<@Nullable RedisLink> bySlot = new AtomicReferenceArray<>(SlotHash.SLOT_COUNT);
    private final Set<String> unserved = new LinkedHashSet<>();
    private final Set<String> moved = new HashSet<>();

    /** Slots of which Redis has ended a subscription that is not made again yet. */
    private final Set<Integer> ended = ConcurrentHashMap.newKeySet();

    private @Nullable Map<String, BitSet> placed;
    private volatile Collection<RedisLink> all = List.of();

    /** The one that serves all channels, if there is only one. */
    private volatile @Nullable RedisLink ofAll;

    /** @param factory makes the link to a server, not yet open */
    SlotLinks(Function<Shard, RedisLink> factory) {
        this.factory = factory;
    }

    /** The link that serves a channel, if any does. Any thread. */
    @Nullable
    RedisLink linkOf(String channel) {
        RedisLink all = ofAll; // so that nothing is hashed per message
        return all != null ? all : bySlot.get(SlotHash.getSlot(channel));
    }

    /** Whether Redis has ended a subscription in the slot of this channel that is not made again yet. Any thread. */
    boolean isEnded(String channel) {
        return !ended.isEmpty() && ended.contains(SlotHash.getSlot(channel));
    }

    /** Redis has ended this subscription; {@link #moved} is to follow on the loop. Any thread. */
    void ended(String channel) {
        ended.add(SlotHash.getSlot(channel));
    }

    void add(String channel) {
        RedisLink link = linkOf(channel);
        if (link == null) {
            unserved.add(channel);
        } else {
            link.add(channel);
        }
    }

    private void take(String channel) {
        RedisLink link = linkOf(channel);
        if (link == null) {
            unserved.add(channel);
        } else {
            link.take(channel);
        }
    }

    void remove(String channel) {
        RedisLink link = linkOf(channel);
        if (link == null) {
            unserved.remove(channel);
        } else {
            link.remove(channel);
        }
    }

    /** Redis has ended this subscription; it is made again when it is known where. */
    void moved(String channel) {
        moved.add(channel);
    }

    /** All links. Any thread. */
    Collection<RedisLink> all() {
        return all;
    }

    /** Puts each channel to the link that serves it now. */
    void place(List<Shard> shards) {
        Map<String, BitSet> slots = new TreeMap<>();
        shards.forEach(shard -> slots.put(shard.name(), shard.slots()));
        if (!slots.equals(placed)) { // else each channel is in its place already, and there may be many
            placed = null;
            placeAll(shards, slots.keySet());
            placed = slots;
        }
        subscribeMovedAgain();
    }

    private void placeAll(List<Shard> shards, Set<String> names) {
        List<RedisLink> fresh = serve(shards);
        Set<RedisLink> left = new HashSet<>(links.values());
        left.forEach(this::replace);
        links.keySet().retainAll(names);
        List<String> homeless = List.copyOf(unserved);
        unserved.clear();
        homeless.forEach(this::take);
        left.removeAll(links.values());
        all = List.copyOf(links.values());
        left.forEach(RedisLink::close);
        fresh.forEach(RedisLink::open);
    }

    /** Points the slots to their links; those that are new. */
    private List<RedisLink> serve(List<Shard> shards) {
        List<RedisLink> fresh = new ArrayList<>();
        BitSet uncovered = new BitSet(SlotHash.SLOT_COUNT);
        uncovered.set(0, SlotHash.SLOT_COUNT);
        for (Shard shard : shards) {
            RedisLink link = links.get(shard.name());
            if (link == null) {
                link = factory.apply(shard);
                links.put(shard.name(), link);
                fresh.add(link);
            }
            RedisLink serving = link;
            link.serve(shard.slots());
            shard.slots().stream().forEach(slot -> bySlot.set(slot, serving));
            uncovered.andNot(shard.slots());
        }
        uncovered.stream().forEach(slot -> bySlot.set(slot, null));
        ofAll = shards.size() == 1 && uncovered.isEmpty() ? bySlot.get(0) : null;
        return fresh;
    }

    private void replace(RedisLink link) {
        for (String channel : link.wanted()) {
            if (linkOf(channel) != link) {
                link.forget(channel);
                take(channel);
            }
        }
    }

    private void subscribeMovedAgain() {
        for (String channel : moved) {
            RedisLink link = linkOf(channel);
            if (link != null) {
                link.subscribeAgain(channel);
            }
            ended.remove(SlotHash.getSlot(channel));
        }
        moved.clear();
    }

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
}
