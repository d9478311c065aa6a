package dev.starling.channel;

import dev.starling.broker.Broker;
import dev.starling.broker.HistoryPage;
import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Publication;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import dev.starling.setting.ChannelOptions;
import dev.starling.setting.ChannelRules;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Who on this node listens to what. Each publication from the broker is looked up once, encoded once and handed to the
 * event loops that have a subscriber; a channel exists here only while somebody listens. Any thread may publish;
 * subscribing and unsubscribing happen on the receiver's event loop.
 */
@Component
public final class ChannelHub {

    private static final Logger log = LoggerFactory.getLogger(ChannelHub.class);

    /** Of a channel that need not wait for its broker; Reactor has one empty Mono only. */
    private static final Mono<StreamPosition> READY = Mono.empty();

    private static final Mono<StreamPosition> SATURATED = Mono.error(
            () -> new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "this node delivers more slowly than it is fed"));

    private final Broker broker;
    private final ChannelProperties limits;
    private final RecoveryProperties recovery;
    private final ChannelRules rules;
    private final HistoryReads reads;
    private final ChannelMetrics metrics;
    private final ConcurrentMap<ChannelName, Channel> channels = new ConcurrentHashMap<>();
    private final ConcurrentMap<EventExecutor, DeliveryQueue> loops = new ConcurrentHashMap<>();
    private final LongAdder subscriptions = new LongAdder();
    private final Disposable.Composite pumps = Disposables.composite();

    ChannelHub(
            Broker broker,
            ChannelProperties limits,
            RecoveryProperties recovery,
            ChannelRules rules,
            MeterRegistry registry) {
        this.broker = broker;
        this.limits = limits;
        this.recovery = recovery;
        this.rules = rules;
        this.reads = new HistoryReads(broker, recovery);
        this.metrics = new ChannelMetrics(registry);
        metrics.gauges(this, hub -> hub.channels.size(), hub -> hub.subscriptions.sum());
        broker.lanes().forEach(lane -> pumps.add(lane.subscribe(this::arrive)));
    }

    /**
     * Has the messages of a channel handed to {@code receiver} on {@code loop}, from when the result is there: the loop
     * hands out nothing before it has run what the caller does on receiving it. Fails with
     * {@link ErrorCode#BROKER_UNAVAILABLE}. Call it, and expect the result, on that loop.
     */
    public Mono<ChannelSubscription> subscribe(ChannelName name, Receiver receiver, EventExecutor loop) {
        return Mono.defer(() -> {
            Channel channel = channels.compute(name, (key, known) -> (known == null ? open(key) : known).reserve());
            Mono<ChannelSubscription> join = Mono.fromSupplier(() -> join(channel, receiver, loop));
            if (channel.isOpen()) {
                return join;
            }
            return channel.ready()
                    .publishOn(Schedulers.fromExecutor(loop))
                    .doOnCancel(() -> release(name, null))
                    .onErrorResume(failure -> {
                        release(name, null);
                        return Mono.error(failure);
                    })
                    .then(join);
        });
    }

    private Channel open(ChannelName name) {
        Mono<StreamPosition> subscribed = broker.subscribe(name);
        ChannelOptions options = rules.of(name);
        return subscribed == READY ? new Channel(name, options) : new Channel(name, options, subscribed);
    }

    /**
     * The same from a position in the past: what the receiver has missed, if all of it is there. Until the caller, on
     * receiving the result, has the subscription handed to a receiver, what comes is kept. Fails with
     * {@link ErrorCode#BROKER_UNAVAILABLE}, or on a channel without history with
     * {@link ErrorCode#UNRECOVERABLE_POSITION}; then there is no subscription.
     */
    public Mono<Recovered> recover(ChannelName name, StreamPosition since, EventExecutor loop) {
        if (!broker.keepsHistory(name)) {
            return ChannelHistory.none();
        }
        return Mono.defer(() -> {
            Recovery meanwhile = new Recovery(since, recovery, metrics);
            return subscribe(name, meanwhile, loop).flatMap(joined -> recover(joined, since, meanwhile, loop));
        });
    }

    private Mono<Recovered> recover(
            ChannelSubscription joined, StreamPosition since, Recovery meanwhile, EventExecutor loop) {
        Mono<Recovered> result = Mono.defer(() -> {
            StreamPosition start = Objects.requireNonNull(joined.position(), "the broker gave no position");
            Recovered atOnce = meanwhile.atOnce(joined, start);
            return atOnce != null
                    ? Mono.just(atOnce)
                    : read(joined.channel(), since, start)
                            .publishOn(Schedulers.fromExecutor(loop))
                            .map(page -> meanwhile.finish(joined, start, page));
        });
        return result.doOnNext(metrics::recovery)
                .doOnError(failure -> giveUp(joined, meanwhile, loop))
                .doOnCancel(() -> giveUp(joined, meanwhile, loop));
    }

    /** A read that others began may have been too early for this one; the next began after the first had ended. */
    private Mono<HistoryPage> read(ChannelName name, StreamPosition since, StreamPosition start) {
        return reads.read(name, since)
                .flatMap(page -> Recovery.isStale(page, start) ? reads.read(name, since) : Mono.just(page));
    }

    private void giveUp(ChannelSubscription joined, Recovery meanwhile, EventExecutor loop) {
        if (!loop.inEventLoop()) {
            loop.execute(() -> giveUp(joined, meanwhile, loop));
            return;
        }
        unsubscribe(joined);
        meanwhile.clear();
    }

    /**
     * The first channels in the order of their names that have a subscriber on this node, each with how many it has about now. Walks
     * over all of them: not for an event loop.
     *
     * @param after the name after which to begin; empty begins with the first
     * @param limit how many at most, from 1
     */
    public List<ChannelCount> list(Predicate<ChannelName> wanted, String after, int limit) {
        TreeMap<String, ChannelCount> first = new TreeMap<>();
        for (Channel channel : channels.values()) {
            String name = channel.name().value();
            if (name.compareTo(after) > 0
                    && (first.size() < limit || name.compareTo(first.lastKey()) < 0)
                    && wanted.test(channel.name())) {
                first.put(name, new ChannelCount(name, channel.listeners()));
                if (first.size() > limit) {
                    first.pollLastEntry();
                }
            }
        }
        return List.copyOf(first.values());
    }

    /** How many subscribers a channel has on this node about now. */
    public int subscribers(ChannelName name) {
        Channel channel = channels.get(name);
        return channel == null ? 0 : channel.listeners();
    }

    private ChannelSubscription join(Channel channel, Receiver receiver, EventExecutor loop) {
        DeliveryQueue queue = loops.computeIfAbsent(loop, key -> new DeliveryQueue(key, limits, metrics));
        ChannelSubscription[] joined = new ChannelSubscription[1];
        channels.computeIfPresent(channel.name(), (key, same) -> {
            joined[0] = same.fanout(queue).join(receiver);
            return same;
        });
        subscriptions.increment();
        return joined[0];
    }

    /** Ends a subscription; one that has ended already is left alone. Call it on the loop that it was made on. */
    public void unsubscribe(ChannelSubscription subscription) {
        LoopFanout fanout = subscription.fanout();
        if (fanout.leave(subscription)) {
            subscriptions.decrement();
            release(subscription.channel(), fanout);
        }
    }

    private void release(ChannelName name, @Nullable LoopFanout left) {
        channels.computeIfPresent(name, (key, channel) -> {
            if (left != null && left.isEmpty()) {
                channel.drop(left);
            }
            return channel.release() ? close(channel) : channel;
        });
    }

    private @Nullable Channel close(Channel channel) {
        if (!channel.hasFailed()) {
            Mono.defer(() -> broker.unsubscribe(channel.name()))
                    .subscribe(
                            done -> {},
                            failure -> log.atWarn()
                                    .setCause(failure)
                                    .addKeyValue("channel", channel.name())
                                    .log("channel.unsubscribe_failed"));
        }
        return null;
    }

    /**
     * Publishes one JSON value, given as UTF-8 bytes that nobody changes any more. Completes when the broker has it, with
     * the position if the channel keeps a history; fails with {@link ErrorCode#BROKER_UNAVAILABLE}, also when this node's
     * event loops are too far behind.
     *
     * @param key names this very message: published again with it within some minutes, it is not a second message
     */
    public Mono<StreamPosition> publish(ChannelName name, byte[] data, @Nullable String key) {
        metrics.published();
        Mono<StreamPosition> published = isSaturated() ? SATURATED : broker.publish(name, data, key);
        return published.doOnError(failure -> metrics.publishFailed());
    }

    /** How many bytes may wait for one receiver until it has caught up with what it missed. */
    public long recoveryBytes() {
        return recovery.maxBytes().toBytes();
    }

    /** Messages handed to subscribers of this node so far. Any thread may ask. */
    public long deliveries() {
        return metrics.deliveries();
    }

    /** The bytes of those, WebSocket headers included. */
    public long deliveredBytes() {
        return metrics.deliveredBytes();
    }

    private boolean isSaturated() {
        for (DeliveryQueue loop : loops.values()) {
            if (loop.isSaturated()) {
                return true;
            }
        }
        return false;
    }

    /** The pump of a lane: the one place that emits into its channels. A fault costs one frame, never the stream. */
    private void arrive(Arrival arrival) {
        if (arrival instanceof Publication) {
            metrics.arrived();
        }
        Channel channel = channels.get(arrival.channel());
        if (channel == null) {
            return;
        }
        try {
            channel.arrive(arrival);
        } catch (RuntimeException | Error failure) { // that direct memory is used up is an error to Netty
            log.atError()
                    .setCause(failure)
                    .addKeyValue("channel", arrival.channel())
                    .log("channel.publication_failed");
        }
    }

    /** Stops delivering; for the end of the node, and of tests. */
    void stop() {
        pumps.dispose();
    }
}
