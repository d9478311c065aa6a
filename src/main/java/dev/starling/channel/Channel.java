package dev.starling.channel;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.Hole;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.Publication;
import dev.starling.protocol.Restart;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import dev.starling.setting.ChannelOptions;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * One channel on this node: a sink, whose subscribers are at most one {@link LoopFanout} per event loop. Only the pump of
 * its lane emits into it. Its listeners are counted, and its fan-outs kept, under the hub's lock of this name.
 */
final class Channel {

    private static final LoopFanout[] NONE = {};

    private final ChannelName name;
    private final ChannelOptions options;
    private final Mono<StreamPosition> ready;
    private final ByteBufAllocator allocator;
    private final Sinks.Many<Emission> sink = Sinks.unsafe().many().multicast().directBestEffort();
    private final ChannelPosition position = new ChannelPosition();
    private LoopFanout[] fanouts = NONE;
    private int listeners;
    private volatile State state = State.OPENING;

    private enum State {
        OPENING,
        OPEN,
        FAILED
    }

    /** @param subscribed completes when the broker delivers this channel to this node, with the position if it has one */
    Channel(ChannelName name, ChannelOptions options, Mono<StreamPosition> subscribed) {
        this(name, options, subscribed, PooledByteBufAllocator.DEFAULT);
    }

    Channel(ChannelName name, ChannelOptions options, Mono<StreamPosition> subscribed, ByteBufAllocator allocator) {
        this.name = name;
        this.options = options;
        this.allocator = allocator;
        this.ready = subscribed
                .doOnNext(position::begin)
                .doOnSuccess(done -> state = State.OPEN)
                .doOnError(failure -> state = State.FAILED)
                .cache();
    }

    /** One that need not wait for its broker. */
    Channel(ChannelName name, ChannelOptions options) {
        this.name = name;
        this.options = options;
        this.allocator = PooledByteBufAllocator.DEFAULT;
        this.ready = Mono.empty();
        this.state = State.OPEN;
    }

    ChannelName name() {
        return name;
    }

    ChannelOptions options() {
        return options;
    }

    /** Where what its subscribers share comes from. */
    ByteBufAllocator allocator() {
        return allocator;
    }

    /** Completes when the broker delivers this channel to this node. */
    Mono<StreamPosition> ready() {
        return ready;
    }

    /** How many listen, or are about to; of another thread than that of the hub's lock only about so many. */
    int listeners() {
        return listeners;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Whether the broker refused it, and knows nothing of it. */
    boolean hasFailed() {
        return state == State.FAILED;
    }

    ChannelPosition.@Nullable Head head() {
        return position.head();
    }

    /** Tells the event loops what the broker says. For the pump alone. */
    void arrive(Arrival arrival) {
        if (arrival instanceof Publication publication) {
            publish(publication);
        } else if (arrival instanceof Hole hole) {
            skip(hole);
        } else if (arrival instanceof Restart restart) {
            restart(restart.position(), restart.recovered());
        } else if (arrival instanceof PresenceChange change) {
            tell(change);
        }
    }

    private void publish(Publication publication) {
        StreamPosition next = publication.position();
        if (next == null) {
            emit(Emission.unplaced(encode(publication.data(), 0)));
            return;
        }
        ChannelPosition.Head before = position.head();
        while (!reach(before, next, publication)) {
            before = position.head(); // the broker's word came in between
        }
    }

    /**
     * Moves on to a message, and tells of it and of what lies before; false if the channel is not there any more. All is
     * encoded first: what fails leaves the channel where it is, so that the next message tells of a gap.
     */
    private boolean reach(ChannelPosition.@Nullable Head before, StreamPosition next, Publication publication) {
        if (before == null) {
            return position.move(null, new ChannelPosition.Head(next, 0)); // nobody can have subscribed yet
        } else if (before.has(next)) {
            return true; // all who have subscribed know it
        }
        EncodedMessage message = encode(publication.data(), next.offset());
        Emission notice;
        try {
            notice = notice(before, next);
        } catch (RuntimeException | Error failure) { // that direct memory is used up is an error to Netty
            message.release();
            throw failure;
        }
        ChannelPosition.Head after = before.then(next);
        if (!position.move(before, after)) {
            message.release();
            release(notice);
            return false;
        }
        if (notice != null) {
            emit(notice);
        }
        emit(Emission.at(after, message));
        return true;
    }

    /** What has to be told before a message, if anything. */
    private @Nullable Emission notice(ChannelPosition.Head before, StreamPosition next) {
        if (!before.isSameEpoch(next)) {
            return restart(new StreamPosition(next.epoch(), next.offset() - 1), false, before.sequence() + 1);
        }
        return next.offset() > before.position().offset() + 1 ? gap(before, next.offset() - 1) : null;
    }

    private void skip(Hole hole) {
        ChannelPosition.Head before = position.head();
        while (before != null && hole.to() > before.position().offset()) {
            Emission gap = gap(before, hole.to());
            if (position.move(before, before.then(before.at(hole.to())))) {
                emit(gap);
                return;
            }
            release(gap);
            before = position.head();
        }
    }

    private Emission gap(ChannelPosition.Head before, long to) {
        StreamPosition after = before.at(to);
        ServerFrame gap = new ServerFrame.Gap(name, before.position().offset() + 1, to);
        return new Emission(encode(gap), after, before.sequence() + 1, System.nanoTime());
    }

    private void restart(StreamPosition start, boolean recovered) {
        ChannelPosition.Head before = position.head();
        while (!restart(before, start, recovered)) {
            before = position.head();
        }
    }

    private boolean restart(ChannelPosition.@Nullable Head before, StreamPosition start, boolean recovered) {
        if (before == null) {
            return position.move(null, new ChannelPosition.Head(start, 0));
        }
        Emission restart = restart(start, recovered, before.sequence() + 2);
        if (!position.move(before, before.then(start))) {
            release(restart);
            return false;
        }
        emit(restart);
        return true;
    }

    private Emission restart(StreamPosition start, boolean recovered, long sequence) {
        ServerFrame restart = new ServerFrame.Subscribed(null, name, start, recovered);
        return new Emission(encode(restart), start, sequence, System.nanoTime());
    }

    private static void release(@Nullable Emission emission) {
        if (emission != null) {
            emission.message().release();
        }
    }

    private void tell(PresenceChange change) {
        EncodedMessage frame = encode(
                change.joined()
                        ? new ServerFrame.Join(name, change.member())
                        : new ServerFrame.Leave(name, change.member()));
        ChannelPosition.Head now = position.count();
        if (now == null) {
            emit(Emission.unplaced(frame));
        } else {
            emit(Emission.at(now, frame));
        }
    }

    private EncodedMessage encode(byte[] data, long offset) {
        return EncodedMessage.of(name, data, offset, allocator);
    }

    private EncodedMessage encode(ServerFrame event) {
        return EncodedMessage.of(event, allocator);
    }

    private void emit(Emission emission) {
        try {
            Sinks.EmitResult ignored = sink.tryEmitNext(emission); // a channel that just lost its last fan-out has none
        } finally {
            emission.message().release();
        }
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
