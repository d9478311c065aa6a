package dev.starling.redis.stream;

import dev.starling.broker.Broker;
import dev.starling.broker.HistoryPage;
import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisSubscriptions;
import dev.starling.setting.ChannelRules;
import dev.starling.setting.HistoryLimits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.SignalType;

/**
 * Joins the nodes that share a Redis: what is published goes through Redis to every node that hears the channel, the
 * publisher's own included. A channel is heard while this node has subscribed it; what the node missed of one with history
 * it reads there.
 */
final class RedisBroker implements Broker, AutoCloseable {

    private final RedisStreams streams;
    private final RedisKeys keys;
    private final ChannelRules rules;
    private final RedisSubscriptions subscriptions;
    private final RedisChannels channels;
    private final ChannelRepair repair;
    private final List<Lane> lanes;
    private final Duration patience;

    /**
     * @param channels what the subscriptions tell
     * @param lanes at least one
     * @param patience how long subscribing may take
     */
    RedisBroker(
            RedisStreams streams,
            RedisKeys keys,
            ChannelRules rules,
            RedisSubscriptions subscriptions,
            RedisChannels channels,
            ChannelRepair repair,
            List<Lane> lanes,
            Duration patience) {
        this.streams = streams;
        this.keys = keys;
        this.rules = rules;
        this.subscriptions = subscriptions;
        this.channels = channels;
        this.repair = repair;
        this.lanes = List.copyOf(lanes);
        this.patience = patience;
    }

    @Override
    public boolean keepsHistory(ChannelName channel) {
        return rules.of(channel).history() != null;
    }

    @Override
    public Mono<StreamPosition> subscribe(ChannelName channel) {
        return Mono.defer(() -> {
            AtomicReference<@Nullable RedisChannel> opened = new AtomicReference<>();
            return Mono.<StreamPosition>create(subscriber -> open(channel, subscriber, opened))
                    .timeout(
                            patience, Mono.error(() -> unavailable("Redis has not confirmed the subscription in time")))
                    .doFinally(end -> removeUnless(end == SignalType.ON_COMPLETE, opened.get()));
        });
    }

    /** It may have been heard, but too late for whoever asked. */
    private void removeUnless(boolean told, @Nullable RedisChannel channel) {
        if (!told && channel != null) {
            remove(channel);
        }
    }

    private void open(
            ChannelName name, MonoSink<StreamPosition> subscriber, AtomicReference<@Nullable RedisChannel> opened) {
        String key = keys.pubsub(name);
        if (!subscriptions.isUp(key)) {
            subscriber.error(unavailable("Redis is not connected"));
            return;
        }
        RedisChannel channel =
                new RedisChannel(name, key, laneOf(key), repair, rules.of(name).history(), subscriber);
        opened.set(channel);
        subscriber.onDispose(() -> removeUnlessHeard(channel));
        channels.put(channel, subscriptions, unavailable("the channel was subscribed once more"));
        if (channel.isClosed()) { // cancelled before it could be taken away
            channels.remove(channel, subscriptions);
        }
    }

    private Lane laneOf(String key) {
        int mixed = key.hashCode() * 0x9E3779B9;
        return lanes.get((mixed >>> 16) % lanes.size());
    }

    /** A subscription that failed, took too long or was cancelled leaves nothing behind. */
    private void removeUnlessHeard(RedisChannel channel) {
        if (!channel.isHeard()) {
            remove(channel);
        }
    }

    private void remove(RedisChannel channel) {
        channel.close();
        channels.remove(channel, subscriptions);
    }

    @Override
    public Mono<Void> unsubscribe(ChannelName channel) {
        return Mono.fromRunnable(() ->
                channels.remove(keys.pubsub(channel), subscriptions, unavailable("the channel was unsubscribed")));
    }

    private static RefusedException unavailable(String message) {
        return new RefusedException(ErrorCode.BROKER_UNAVAILABLE, message);
    }

    @Override
    public Mono<StreamPosition> publish(ChannelName channel, byte[] data, @Nullable String key) {
        HistoryLimits limits = rules.of(channel).history();
        String pubsub = keys.pubsub(channel);
        if (subscriptions.isSilent(pubsub)) {
            return silent();
        }
        return limits == null && !subscriptions.isConfirmed(pubsub)
                ? unheard()
                : streams.publish(channel, data, limits, key);
    }

    /** What is missed of a channel with history is read there; of one without it would be gone. */
    private static <T> Mono<T> unheard() {
        return Mono.error(() -> unavailable("this node does not hear what is published now"));
    }

    @Override
    public Mono<HistoryPage> history(ChannelName channel, @Nullable StreamPosition since, int limit, long maxBytes) {
        return read(channel, limits -> streams.read(channel, limits, since, limit, maxBytes));
    }

    @Override
    public Mono<HistoryPage> historyBefore(
            ChannelName channel, @Nullable StreamPosition before, int limit, long maxBytes) {
        return read(channel, limits -> streams.readBack(channel, limits, before, limit, maxBytes));
    }

    private Mono<HistoryPage> read(ChannelName channel, Function<HistoryLimits, Mono<HistoryPage>> reader) {
        HistoryLimits limits = rules.of(channel).history();
        if (limits == null) {
            return Mono.error(() -> new IllegalArgumentException("this channel keeps no history: " + channel));
        }
        return isSilent(channel) ? silent() : reader.apply(limits);
    }

    @Override
    public Mono<Void> announce(PresenceChange change) {
        return isSilent(change.channel()) ? silent() : streams.announce(change);
    }

    /** Lettuce does not ping the nodes of a Cluster: each command to one that hangs would take its whole time to fail. */
    private boolean isSilent(ChannelName channel) {
        return subscriptions.isSilent(keys.pubsub(channel));
    }

    private static <T> Mono<T> silent() {
        return Mono.error(() -> unavailable("Redis does not answer"));
    }

    @Override
    public List<Flux<Arrival>> lanes() {
        return lanes.stream().map(Lane::arrivals).toList();
    }

    /** Ends the subscriptions and the lanes. */
    @Override
    public void close() {
        channels.clear(subscriptions, unavailable("this node is stopping"));
        lanes.forEach(Lane::close);
    }
}
