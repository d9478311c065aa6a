package dev.starling.broker;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.Publication;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import java.util.List;
import org.jctools.queues.MpscChunkedArrayQueue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A broker for one node, without a network. Publications wait in one bounded queue, and whichever publishing thread finds
 * it idle empties it: so the order is the same for everyone, and nobody waits for a lock.
 */
final class InMemoryBroker implements Broker {

    private static final int FIRST_CHUNK = 256;

    private final Sinks.Many<Arrival> arrivals;

    /** @param capacity publications that may wait, a power of two; past it {@link #publish} fails */
    InMemoryBroker(int capacity) {
        // Unsafe means that the sink itself does not refuse concurrent publishers: the queue takes many.
        arrivals = Sinks.unsafe()
                .many()
                .unicast()
                .onBackpressureBuffer(new MpscChunkedArrayQueue<>(FIRST_CHUNK, capacity));
    }

    @Override
    public boolean keepsHistory(ChannelName channel) {
        return false;
    }

    @Override
    public Mono<StreamPosition> subscribe(ChannelName channel) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> unsubscribe(ChannelName channel) {
        return Mono.empty();
    }

    @Override
    public Mono<StreamPosition> publish(ChannelName channel, byte[] data, @Nullable String key) {
        return Mono.fromRunnable(() -> emit(new Publication(channel, data, null)));
    }

    @Override
    public Mono<HistoryPage> history(ChannelName channel, @Nullable StreamPosition since, int limit) {
        return Mono.error(() -> new IllegalArgumentException("this channel keeps no history: " + channel));
    }

    @Override
    public Mono<Void> announce(PresenceChange change) {
        return Mono.fromRunnable(() -> emit(change));
    }

    private void emit(Arrival arrival) {
        Sinks.EmitResult result = arrivals.tryEmitNext(arrival);
        if (result.isFailure()) {
            throw new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "the broker's queue is full");
        }
    }

    @Override
    public List<Flux<Arrival>> lanes() {
        return List.of(arrivals.asFlux());
    }
}
