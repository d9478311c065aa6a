package dev.starling.channel;

import dev.starling.broker.Broker;
import dev.starling.broker.HistoryPage;
import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.StreamPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A broker whose channels all keep a history, and that says what a test wants. For one thread. */
public final class ScriptedBroker implements Broker {

    private final Sinks.Many<Arrival> lane = Sinks.unsafe().many().unicast().onBackpressureBuffer();
    private final List<StreamPosition> reads = new ArrayList<>();
    private Mono<StreamPosition> subscribing = Mono.empty();
    private Supplier<Mono<HistoryPage>> history = Mono::never;

    /** What later subscribes return. */
    public void onSubscribe(Mono<StreamPosition> result) {
        subscribing = result;
    }

    /** What later reads of the history return. */
    void onHistory(Supplier<Mono<HistoryPage>> result) {
        history = result;
    }

    /** Something happens. */
    public void arrive(Arrival arrival) {
        lane.tryEmitNext(arrival).orThrow();
    }

    /** The positions after which the history was read. */
    List<StreamPosition> reads() {
        return reads;
    }

    @Override
    public boolean keepsHistory(ChannelName channel) {
        return true;
    }

    @Override
    public Mono<StreamPosition> subscribe(ChannelName channel) {
        return subscribing;
    }

    @Override
    public Mono<Void> unsubscribe(ChannelName channel) {
        return Mono.empty();
    }

    @Override
    public Mono<StreamPosition> publish(ChannelName channel, byte[] data, @Nullable String key) {
        return Mono.error(() -> new UnsupportedOperationException("a script has no publishers"));
    }

    @Override
    public Mono<HistoryPage> historyBefore(
            ChannelName channel, @Nullable StreamPosition before, int limit, long maxBytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<HistoryPage> history(ChannelName channel, @Nullable StreamPosition since, int limit, long maxBytes) {
        return Mono.defer(() -> {
            if (since != null) {
                reads.add(since);
            }
            return history.get();
        });
    }

    @Override
    public Mono<Void> announce(PresenceChange change) {
        return Mono.empty();
    }

    @Override
    public List<Flux<Arrival>> lanes() {
        return List.of(lane.asFlux());
    }
}
