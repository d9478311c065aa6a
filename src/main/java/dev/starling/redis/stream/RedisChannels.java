package dev.starling.redis.stream;

import dev.starling.redis.link.RedisSubscriptions;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The channels that this node hears, by the names that they have in Redis: one look-up per message. Thread-safe. */
final class RedisChannels implements RedisSubscriptions.Listener {

    private final ConcurrentMap<String, RedisChannel> byKey = new ConcurrentHashMap<>();
    private final RedisSubscriptions.Listener others;

    /** @param others told of what is heard under a name that none of the channels has */
    RedisChannels(RedisSubscriptions.Listener others) {
        this.others = others;
    }

    @Override
    public void message(String channel, byte[] envelope) {
        RedisChannel known = byKey.get(channel);
        if (known != null) {
            known.heard(envelope);
        } else { // or Redis has not been told yet that nobody listens any more
            others.message(channel, envelope);
        }
    }

    /** Whether this node has told a subscriber that it hears the channel. */
    boolean isHeard(String channel) {
        RedisChannel known = byKey.get(channel);
        return known != null && known.isHeard();
    }

    @Override
    public void subscribed(String channel) {
        // Redis may be quicker than put: its lock has to be waited for, which nothing that waits ever holds.
        RedisChannel confirmed = byKey.computeIfPresent(channel, (key, known) -> {
            known.confirmed();
            return known;
        });
        if (confirmed == null) {
            others.subscribed(channel);
        }
    }

    /**
     * Puts a channel in place of the one of its name, if there is one, which fails. This and the other changes tell Redis
     * within the lock of the name, hence in the order in which they happen.
     */
    void put(RedisChannel channel, RedisSubscriptions subscriptions, RuntimeException failure) {
        AtomicReference<@Nullable RedisChannel> replaced = new AtomicReference<>();
        byKey.compute(channel.key(), (key, known) -> {
            if (known != null) {
                replaced.set(known);
                subscriptions.remove(key); // else there is nothing that Redis would confirm
            }
            subscriptions.add(key);
            return channel;
        });
        fail(replaced.get(), failure);
    }

    /** Takes away this very channel; another one of its name stays. */
    void remove(RedisChannel channel, RedisSubscriptions subscriptions) {
        byKey.computeIfPresent(channel.key(), (key, known) -> {
            if (known != channel) {
                return known;
            }
            subscriptions.remove(key);
            return null;
        });
    }

    /** Takes away the channel of that name, if there is one; who waits for it is told the failure. */
    void remove(String name, RedisSubscriptions subscriptions, RuntimeException failure) {
        AtomicReference<@Nullable RedisChannel> removed = new AtomicReference<>();
        byKey.computeIfPresent(name, (key, known) -> {
            removed.set(known);
            subscriptions.remove(key);
            return null;
        });
        fail(removed.get(), failure);
    }

    /** Outside of the lock: who is told may well come back here. */
    private static void fail(@Nullable RedisChannel channel, RuntimeException failure) {
        if (channel != null) {
            channel.fail(failure);
        }
    }

    /** Takes away all of them. */
    void clear(RedisSubscriptions subscriptions, RuntimeException failure) {
        byKey.keySet().forEach(key -> remove(key, subscriptions, failure));
    }
}
