package dev.starling.broker;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Publication;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import org.jctools.queues.MpscChunkedArrayQueue;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A broker for one node, without a network. Publications wait in one bounded queue, and whichever publishing thread finds
 * it idle empties it: so the order is the same for everyone, and nobody waits for a lock.
 */
final class InMemoryBroker implements Broker {

    private static final int FIRST_CHUNK = 256;

    private final Sinks.Many<Publication> arrivals;

    /** @param capacity publications that may wait, a power of two; past it {@link #publish} fails */
    InMemoryBroker(int capacity) {
        // Unsafe means that the sink itself does not refuse concurrent publishers: the queue takes many.
        arrivals = Sinks.unsafe()
                .many()
                .unicast()
                .onBackpressureBuffer(new MpscChunkedArrayQueue<>(FIRST_CHUNK, capacity));
    }

    @Override
    public Mono<Void> subscribe(ChannelName channel) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> unsubscribe(ChannelName channel) {
        return Mono.empty();
    }

    @Override
    public Mono<StreamPosition> publish(ChannelName channel, byte[] data) {
        return Mono.fromRunnable(() -> emit(new Publication(channel, data, null)));
    }

    private void emit(Publication publication) {
        Sinks.EmitResult result = arrivals.tryEmitNext(publication);
        if (result.isFailure()) {
            throw new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "the broker's queue is full");
        }
    }

    @Override
    public Flux<Publication> publications() {
        return arrivals.asFlux();
    }
}
