package dev.starling.broker;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Joins the nodes that share a Redis: what is published goes through Redis to every node that hears the channel, the
 * publisher's own included. A channel is heard while this node has subscribed it; what the node missed of one with history
 * it reads there.
 */
final class RedisBroker implements Broker, RedisSubscriptions.Listener {

    private final RedisStreams streams;
    private final RedisKeys keys;
    private final HistoryRules rules;
    private final RedisSubscriptions subscriptions;
    private final ChannelRepair repair;
    private final List<Lane> lanes;
    private final Duration patience;
    private final ConcurrentMap<String, RedisChannel> channels = new ConcurrentHashMap<>();

    /**
     * @param subscriptions tells {@link #message} and {@link #subscribed} what it hears
     * @param lanes at least one
     * @param patience how long subscribing may take
     */
    RedisBroker(
            RedisStreams streams,
            RedisKeys keys,
            HistoryRules rules,
            RedisSubscriptions subscriptions,
            ChannelRepair repair,
            List<Lane> lanes,
            Duration patience) {
        this.streams = streams;
        this.keys = keys;
        this.rules = rules;
        this.subscriptions = subscriptions;
        this.repair = repair;
        this.lanes = List.copyOf(lanes);
        this.patience = patience;
    }

    @Override
    public boolean keepsHistory(ChannelName channel) {
        return rules.of(channel) != null;
    }

    @Override
    public Mono<StreamPosition> subscribe(ChannelName channel) {
        return Mono.<StreamPosition>create(subscriber -> open(channel, subscriber))
                .timeout(patience, Mono.error(() -> unavailable("Redis has not confirmed the subscription in time")));
    }

    private void open(ChannelName name, MonoSink<StreamPosition> subscriber) {
        String key = keys.pubsub(name);
        if (!subscriptions.isUp(key)) {
            subscriber.error(unavailable("there is no connection to Redis"));
            return;
        }
        RedisChannel channel = new RedisChannel(name, key, laneOf(key), repair, rules.of(name), subscriber);
        subscriber.onDispose(() -> forgetUnlessHeard(channel));
        // Within the map's lock, so that Redis is told in the order in which this map changes.
        channels.compute(key, (same, known) -> {
            if (known != null) {
                known.fail(unavailable("somebody else has subscribed the channel"));
                subscriptions.remove(key); // else the link has nothing to confirm
            }
            subscriptions.add(key);
            return channel;
        });
    }

    private Lane laneOf(String key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return lanes.get((hash >>> 16) % lanes.size());
    }

    /** A subscription that failed, took too long or was cancelled leaves nothing behind. */
    private void forgetUnlessHeard(RedisChannel channel) {
        if (!channel.isHeard()) {
            channel.close();
            channels.computeIfPresent(channel.key(), (key, known) -> known == channel ? forget(key) : known);
        }
    }

    private @Nullable RedisChannel forget(String key) {
        subscriptions.remove(key);
        return null;
    }

    @Override
    public Mono<Void> unsubscribe(ChannelName channel) {
        return Mono.fromRunnable(() -> channels.computeIfPresent(keys.pubsub(channel), (key, known) -> {
            known.fail(unavailable("the channel was unsubscribed"));
            return forget(key);
        }));
    }

    private static RefusedException unavailable(String message) {
        return new RefusedException(ErrorCode.BROKER_UNAVAILABLE, message);
    }

    @Override
    public Mono<StreamPosition> publish(ChannelName channel, byte[] data, @Nullable String key) {
        return streams.publish(channel, data, rules.of(channel), key);
    }

    @Override
    public Mono<HistoryPage> history(ChannelName channel, @Nullable StreamPosition since, int limit) {
        HistoryLimits limits = rules.of(channel);
        return limits == null
                ? Mono.error(() -> new IllegalArgumentException("this channel keeps no history: " + channel))
                : streams.read(channel, limits, since, limit);
    }

    @Override
    public Mono<Void> announce(PresenceChange change) {
        return streams.announce(change);
    }

    @Override
    public List<Flux<Arrival>> lanes() {
        return lanes.stream().map(Lane::arrivals).toList();
    }

    @Override
    public void message(String channel, byte[] envelope) {
        RedisChannel known = channels.get(channel);
        if (known != null) { // else it lingers in Redis
            known.heard(envelope);
        }
    }

    @Override
    public void subscribed(String channel) {
        RedisChannel known = channels.get(channel);
        if (known != null) {
            known.confirmed();
        }
    }

    /** Ends the lanes, and the subscriptions of all channels. */
    void close() {
        channels.keySet()
                .forEach(key -> channels.computeIfPresent(key, (same, known) -> {
                    known.fail(unavailable("this node is stopping"));
                    return forget(same);
                }));
        lanes.forEach(Lane::close);
    }
}
