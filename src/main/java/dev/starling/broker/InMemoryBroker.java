package dev.starling.broker;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import dev.starling.setting.ChannelRules;
import dev.starling.setting.HistoryLimits;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A broker for one node, without a network. All publications pass one bounded queue, so the order is the same for everyone. A lock
 * is taken only for channels with history and messages with an idempotency key, never while a subscriber is called.
 */
final class InMemoryBroker implements Broker {

    private final ChannelRules rules;
    private final InMemoryLane lane;

    /** Guards the history and the keys, and that offsets enter the lane in their order. */
    private final Object lock = new Object();

    private final InMemoryHistory history;
    private final RecentKeys keys;

    /** Of the channels with history that are subscribed to, the offset that the first arrival follows. */
    private final ConcurrentMap<ChannelName, Long> floors = new ConcurrentHashMap<>();

    /**
     * @param capacity publications that may wait, a power of two; past it {@link #publish} fails
     * @param rules which channels keep how much
     */
    InMemoryBroker(int capacity, ChannelRules rules, InMemoryProperties properties, MeterRegistry registry) {
        this(capacity, rules, properties, registry, System::nanoTime);
    }

    InMemoryBroker(
            int capacity,
            ChannelRules rules,
            InMemoryProperties properties,
            MeterRegistry registry,
            LongSupplier nanoTime) {
        InMemoryMetrics metrics = new InMemoryMetrics(registry);
        this.rules = rules;
        this.lane = new InMemoryLane(capacity, this::isWanted, metrics);
        this.history = new InMemoryHistory(properties.historyBytes().toBytes(), nanoTime, metrics);
        this.keys = new RecentKeys(properties, nanoTime, metrics);
        metrics.gauges(this, InMemoryBroker::historyBytes, InMemoryBroker::historyChannels);
    }

    @Override
    public boolean keepsHistory(ChannelName channel) {
        return rules.of(channel).history() != null;
    }

    @Override
    public Mono<StreamPosition> subscribe(ChannelName channel) {
        HistoryLimits limits = rules.of(channel).history();
        return limits == null ? Mono.empty() : Mono.fromSupplier(() -> follow(channel, limits));
    }

    private StreamPosition follow(ChannelName channel, HistoryLimits limits) {
        synchronized (lock) {
            StreamPosition top = history.pin(channel, limits);
            floors.put(channel, top.offset());
            return top;
        }
    }

    @Override
    public Mono<Void> unsubscribe(ChannelName channel) {
        return keepsHistory(channel) ? Mono.fromRunnable(() -> leave(channel)) : Mono.empty();
    }

    private void leave(ChannelName channel) {
        synchronized (lock) {
            floors.remove(channel);
            history.unpin(channel);
        }
    }

    /** What was still under way when its channel was subscribed to belongs to the past that the position stands for. */
    private boolean isWanted(Arrival arrival) {
        StreamPosition position = arrival instanceof Publication publication ? publication.position() : null;
        if (position == null) {
            return true;
        }
        Long floor = floors.get(arrival.channel());
        return floor != null && position.offset() > floor;
    }

    @Override
    public Mono<StreamPosition> publish(ChannelName channel, byte[] data, @Nullable String key) {
        HistoryLimits limits = rules.of(channel).history();
        if (limits == null && key == null) {
            return Mono.fromRunnable(() -> emit(new Publication(channel, data, null)));
        }
        return Mono.fromSupplier(() -> {
            StreamPosition position = keep(channel, data, limits, key);
            lane.drain();
            return position;
        });
    }

    private @Nullable StreamPosition keep(
            ChannelName channel, byte[] data, @Nullable HistoryLimits limits, @Nullable String key) {
        synchronized (lock) {
            RecentKeys.Answer known = key == null ? null : keys.get(channel, key);
            if (known != null) {
                return known.position();
            }
            Publication publication =
                    limits == null ? new Publication(channel, data, null) : history.next(channel, limits, data);
            lane.add(publication);
            if (limits != null) {
                history.add(publication, limits);
            }
            if (key != null) {
                keys.put(channel, key, publication.position());
            }
            return publication.position();
        }
    }

    @Override
    public Mono<HistoryPage> history(ChannelName channel, @Nullable StreamPosition since, int limit, long maxBytes) {
        return read(channel, limits -> history.read(channel, limits, since, limit, maxBytes));
    }

    @Override
    public Mono<HistoryPage> historyBefore(
            ChannelName channel, @Nullable StreamPosition before, int limit, long maxBytes) {
        return read(channel, limits -> history.readBack(channel, limits, before, limit, maxBytes));
    }

    private Mono<HistoryPage> read(ChannelName channel, Function<HistoryLimits, HistoryPage> reader) {
        HistoryLimits limits = rules.of(channel).history();
        if (limits == null) {
            return Mono.error(() -> new IllegalArgumentException("this channel keeps no history: " + channel));
        }
        return Mono.fromSupplier(() -> {
            synchronized (lock) {
                return reader.apply(limits);
            }
        });
    }

    @Override
    public Mono<Void> announce(PresenceChange change) {
        return Mono.fromRunnable(() -> emit(change));
    }

    private void emit(Arrival arrival) {
        lane.add(arrival);
        lane.drain();
    }

    @Override
    public List<Flux<Arrival>> lanes() {
        return List.of(lane);
    }

    private double historyBytes() {
        synchronized (lock) {
            return history.bytes();
        }
    }

    private double historyChannels() {
        synchronized (lock) {
            return history.channels();
        }
    }
}
