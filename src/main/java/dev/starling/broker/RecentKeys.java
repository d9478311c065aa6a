package dev.starling.broker;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.StreamPosition;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The idempotency keys of the last minutes, and what the messages were answered. Guarded by the broker's lock. */
final class RecentKeys {

    private record Key(ChannelName channel, String key) implements Comparable<Key> {

        @Override
        public int compareTo(Key other) {
            int byKey = key.compareTo(other.key);
            return byKey != 0 ? byKey : channel.compareTo(other.channel);
        }
    }

    /** One message; the position is null on a channel without history. */
    record Answer(@Nullable StreamPosition position, long untilNanos) {}

    private final int capacity;
    private final long nanosToLive;
    private final LongSupplier nanoTime;
    private final InMemoryMetrics metrics;

    /** Oldest first: all live equally long, and none is put twice. */
    private final Map<Key, Answer> answers = new LinkedHashMap<>();

    RecentKeys(InMemoryProperties properties, LongSupplier nanoTime, InMemoryMetrics metrics) {
        this.capacity = properties.idempotencyKeys();
        this.nanosToLive = properties.idempotencyTtl().toNanos();
        this.nanoTime = nanoTime;
        this.metrics = metrics;
    }

    /** What the message with this key was answered, if there was one. */
    @Nullable
    Answer get(ChannelName channel, String key) {
        dropExpired();
        return answers.get(new Key(channel, key));
    }

    /** Remembers a key that is not there. */
    void put(ChannelName channel, String key, @Nullable StreamPosition position) {
        if (answers.size() == capacity) {
            Iterator<Key> oldest = answers.keySet().iterator();
            oldest.next();
            oldest.remove();
            metrics.forgotKey();
        }
        answers.put(new Key(channel, key), new Answer(position, nanoTime.getAsLong() + nanosToLive));
    }

    private void dropExpired() {
        long now = nanoTime.getAsLong();
        Iterator<Answer> oldest = answers.values().iterator();
        while (oldest.hasNext() && oldest.next().untilNanos() - now <= 0) {
            oldest.remove();
        }
    }
}
