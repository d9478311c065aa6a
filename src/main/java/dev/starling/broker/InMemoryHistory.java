package dev.starling.broker;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import dev.starling.setting.HistoryLimits;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The histories of a node that is alone, within a limit of bytes. Where they run out, the channel that was used least recently
 * loses its oldest messages, and when it has none left its epoch, too, unless it is pinned. Guarded by the broker's lock.
 */
final class InMemoryHistory {

    /** What a message costs beside its data: three objects and its place in the ring. */
    private static final int MESSAGE_OVERHEAD = 88;

    /** What a channel costs without any message. */
    private static final int CHANNEL_OVERHEAD = 400;

    private final long maxBytes;
    private final LongSupplier nanoTime;
    private final InMemoryMetrics metrics;
    private final Epochs epochs = new Epochs();
    private final Map<ChannelName, Kept> channels = new HashMap<>();

    /** Those that have something to lose, the one that was used least recently first. */
    private final LinkedHashMap<ChannelName, Kept> evictable = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    InMemoryHistory(long maxBytes, LongSupplier nanoTime, InMemoryMetrics metrics) {
        this.maxBytes = maxBytes;
        this.nanoTime = nanoTime;
        this.metrics = metrics;
    }

    /** One channel. */
    private static final class Kept {
        private final String epoch;
        private final HistoryRing ring;
        private final long nanosToLive;
        private long newestNanos;
        private boolean pinned;

        Kept(String epoch, HistoryLimits limits) {
            this.epoch = epoch;
            this.ring = new HistoryRing(limits.size());
            this.nanosToLive = limits.timeToLive().toNanos();
        }

        StreamPosition top() {
            return new StreamPosition(epoch, ring.top());
        }
    }

    /** The message that would be next, with its position. */
    Publication next(ChannelName channel, HistoryLimits limits, byte[] data) {
        Kept kept = use(channel, limits);
        return new Publication(channel, data, new StreamPosition(kept.epoch, kept.ring.top() + 1));
    }

    /** Keeps what {@link #next} made just now. */
    void add(Publication publication, HistoryLimits limits) {
        Kept kept = use(publication.channel(), limits);
        if (kept.ring.isFull()) {
            bytes -= cost(kept.ring.removeOldest());
        }
        kept.ring.add(publication);
        kept.newestNanos = nanoTime.getAsLong();
        bytes += cost(publication);
        evictable.put(publication.channel(), kept);
        makeRoom();
    }

    /** Reads as {@link Broker#history} does. */
    HistoryPage read(
            ChannelName channel, HistoryLimits limits, @Nullable StreamPosition since, int limit, long maxBytes) {
        Kept kept = use(channel, limits);
        long after = since != null && since.epoch().equals(kept.epoch) ? since.offset() : 0;
        return page(kept, since, kept.ring.after(after, limit, maxBytes));
    }

    /** Reads as {@link Broker#historyBefore} does. */
    HistoryPage readBack(
            ChannelName channel, HistoryLimits limits, @Nullable StreamPosition before, int limit, long maxBytes) {
        Kept kept = use(channel, limits);
        long end = before != null && before.epoch().equals(kept.epoch) ? before.offset() : Long.MAX_VALUE;
        List<Publication> publications = kept.ring.before(end, limit, maxBytes);
        Collections.reverse(publications);
        return page(kept, before, publications);
    }

    private static HistoryPage page(Kept kept, @Nullable StreamPosition asked, List<Publication> publications) {
        StreamPosition top = kept.top();
        boolean isOurs = asked == null || asked.epoch().equals(kept.epoch);
        return new HistoryPage(top, publications, isOurs ? top.offset() : -1);
    }

    /** The place of the newest message; from now on the channel keeps its epoch, whatever happens. */
    StreamPosition pin(ChannelName channel, HistoryLimits limits) {
        Kept kept = use(channel, limits);
        kept.pinned = true;
        if (kept.ring.isEmpty()) {
            evictable.remove(channel);
        }
        return kept.top();
    }

    void unpin(ChannelName channel) {
        Kept kept = channels.get(channel);
        if (kept != null) {
            kept.pinned = false;
            evictable.putIfAbsent(channel, kept);
        }
    }

    long bytes() {
        return bytes;
    }

    int channels() {
        return channels.size();
    }

    private Kept use(ChannelName channel, HistoryLimits limits) {
        Kept kept = channels.get(channel);
        if (kept == null) {
            kept = new Kept(epochs.next(), limits);
            channels.put(channel, kept);
            evictable.put(channel, kept);
            bytes += cost(channel);
        } else {
            evictable.get(channel); // which makes it the one that was used last
            if (!kept.ring.isEmpty() && nanoTime.getAsLong() - kept.newestNanos >= kept.nanosToLive) {
                expire(kept);
            }
        }
        return kept;
    }

    private void expire(Kept kept) {
        kept.ring.after(0, Integer.MAX_VALUE, Long.MAX_VALUE).forEach(publication -> bytes -= cost(publication));
        kept.ring.clear();
    }

    private void makeRoom() {
        Iterator<Map.Entry<ChannelName, Kept>> eldest = evictable.entrySet().iterator();
        while (bytes > maxBytes && eldest.hasNext()) {
            Map.Entry<ChannelName, Kept> victim = eldest.next();
            Kept kept = victim.getValue();
            while (bytes > maxBytes && !kept.ring.isEmpty()) {
                bytes -= cost(kept.ring.removeOldest());
                metrics.evicted();
            }
            if (bytes > maxBytes) {
                eldest.remove();
                forget(victim.getKey(), kept);
            }
        }
    }

    private void forget(ChannelName channel, Kept kept) {
        kept.ring.clear();
        if (!kept.pinned) {
            channels.remove(channel);
            bytes -= cost(channel);
        }
    }

    private static int cost(ChannelName channel) {
        return CHANNEL_OVERHEAD + channel.value().length();
    }

    private static int cost(Publication publication) {
        return MESSAGE_OVERHEAD + publication.data().length;
    }
}
