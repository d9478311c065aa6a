package dev.starling.channel;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.StreamPosition;
import java.util.Arrays;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * One channel on this node: a sink, whose subscribers are at most one {@link LoopFanout} per event loop. Only the hub's
 * pump emits into it. Its listeners are counted, and its fan-outs kept, under the hub's lock of this name.
 */
final class Channel {

    private static final LoopFanout[] NONE = {};

    private final ChannelName name;
    private final Mono<StreamPosition> ready;
    private final Sinks.Many<EncodedMessage> sink =
            Sinks.unsafe().many().multicast().directBestEffort();
    private LoopFanout[] fanouts = NONE;
    private int listeners;

    /** @param ready completes when the broker delivers this channel to this node */
    Channel(ChannelName name, Mono<StreamPosition> ready) {
        this.name = name;
        this.ready = ready;
    }

    ChannelName name() {
        return name;
    }

    Mono<StreamPosition> ready() {
        return ready;
    }

    void emit(EncodedMessage message) {
        Sinks.EmitResult ignored = sink.tryEmitNext(message); // a channel that has just lost its last fan-out has none
    }

    /** Counts one more listener, which then joins or releases. */
    Channel reserve() {
        listeners++;
        return this;
    }

    /** Counts one listener less; whether it was the last. */
    boolean release() {
        return --listeners == 0;
    }

    /** The fan-out of a loop, made if there is none. */
    LoopFanout fanout(DeliveryQueue loop) {
        for (LoopFanout fanout : fanouts) {
            if (fanout.queue() == loop) {
                return fanout;
            }
        }
        LoopFanout fanout = new LoopFanout(this, loop);
        fanouts = Arrays.copyOf(fanouts, fanouts.length + 1);
        fanouts[fanouts.length - 1] = fanout;
        sink.asFlux().subscribe(fanout);
        return fanout;
    }

    /** Ends the fan-out of a loop that has no receiver left. */
    void drop(LoopFanout fanout) {
        fanout.dispose();
        fanouts = Arrays.stream(fanouts).filter(other -> other != fanout).toArray(LoopFanout[]::new);
    }
}
