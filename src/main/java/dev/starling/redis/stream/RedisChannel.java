package dev.starling.redis.stream;

import dev.starling.broker.HistoryPage;
import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.link.UnreadableEnvelopeException;
import dev.starling.setting.HistoryLimits;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * One channel that this node hears through Redis. Any thread may tell it what came or close it. What came without
 * history is read right there and handed to the lane; all else happens on the lane.
 */
final class RedisChannel implements Consumer<Arrival> {

    private static final AtomicIntegerFieldUpdater<RedisChannel> DROPPED =
            AtomicIntegerFieldUpdater.newUpdater(RedisChannel.class, "dropped");

    private final ChannelName name;
    private final String key;
    private final Lane lane;
    private final ChannelRepair repair;
    private final @Nullable HistoryLimits limits;
    private final @Nullable ChannelCursor cursor;

    /** Who waits until it is heard; null once that is settled. */
    private volatile @Nullable MonoSink<StreamPosition> subscriber;

    /** 1 after messages were dropped, until its lane knows. */
    private volatile int dropped;

    private volatile boolean closed;
    private boolean confirmed;
    private boolean asking;
    private int fruitless;

    /**
     * A message on its way to the lane.
     *
     * @param envelope see {@link PublicationCodec}
     */
    private record Heard(RedisChannel channel, byte[] envelope) implements Runnable {
        @Override
        public void run() {
            channel.arrive(envelope);
        }
    }

    /**
     * @param key where it is heard in Redis
     * @param limits what the channel keeps; null for nothing
     * @param subscriber learns the position once the channel is heard, or why it can't be
     */
    RedisChannel(
            ChannelName name,
            String key,
            Lane lane,
            ChannelRepair repair,
            @Nullable HistoryLimits limits,
            MonoSink<StreamPosition> subscriber) {
        this.name = name;
        this.key = key;
        this.lane = lane;
        this.repair = repair;
        this.limits = limits;
        this.subscriber = subscriber;
        this.cursor = limits == null ? null : new ChannelCursor(name, repair.bufferBytes(), this);
    }

    String key() {
        return key;
    }

    /** Takes a message, or drops it if the lane is full: a channel with history then makes up for it. */
    void heard(byte[] envelope) {
        if (cursor == null ? pass(envelope) : lane.offer(new Heard(this, envelope))) {
            return;
        }
        repair.metrics().dropped();
        if (cursor != null && DROPPED.compareAndSet(this, 0, 1)) {
            lane.executeBehind(() -> {
                dropped = 0;
                cursor.missed();
                advance(cursor);
            });
        }
    }

    /** Redis sends this channel's messages from now on; those before may have been missed. */
    void confirmed() {
        lane.execute(this::subscribed);
    }

    /** Ends it; nobody is told any more. */
    void close() {
        closed = true;
        subscriber = null;
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether who subscribed it was told that it is heard. */
    boolean isHeard() {
        return !closed && subscriber == null;
    }

    /** Ends it, and tells who waits for it, if anybody. */
    void fail(Throwable failure) {
        closed = true;
        MonoSink<StreamPosition> waiting = subscriber;
        subscriber = null;
        if (waiting != null) {
            waiting.error(failure);
        }
    }

    private void succeed(@Nullable StreamPosition position) {
        MonoSink<StreamPosition> waiting = subscriber;
        subscriber = null;
        if (waiting != null) {
            waiting.success(position);
        }
    }

    private void subscribed() {
        if (cursor == null) {
            succeed(null);
            return;
        }
        if (!cursor.isNew()) {
            repair.afterOutage();
        }
        confirmed = true;
        fruitless = 0;
        cursor.missed();
        advance(cursor);
    }

    /** Without history there is nothing to look at on the lane, which then need not touch this object; whether there was room. */
    private boolean pass(byte[] envelope) {
        Arrival arrival = read(envelope);
        if (arrival instanceof Publication publication && publication.position() != null) { // a node has other rules
            return lane.offer(new Publication(name, publication.data(), null));
        }
        return arrival == null || lane.offer(arrival);
    }

    private void arrive(byte[] envelope) {
        Arrival arrival = closed ? null : read(envelope);
        if (arrival instanceof Publication publication && publication.position() != null && cursor != null) {
            follow(cursor, publication, publication.position());
        } else if (arrival != null) {
            lane.emit(arrival);
        }
    }

    private @Nullable Arrival read(byte[] envelope) {
        try {
            return PublicationCodec.decode(name, envelope);
        } catch (UnreadableEnvelopeException unreadable) {
            repair.metrics().unreadable(name, unreadable);
            return null;
        }
    }

    private void follow(ChannelCursor cursor, Publication publication, StreamPosition position) {
        if (cursor.message(publication, position)) {
            fruitless = 0;
        } else {
            advance(cursor);
        }
    }

    @Override
    public void accept(Arrival arrival) {
        if (!(arrival instanceof Publication)) {
            repair.metrics().lost(arrival);
        }
        lane.emit(arrival);
    }

    /** Fulfils the cursor's wish, if it has one and none is on its way. */
    private void advance(ChannelCursor of) {
        if (!asking && confirmed && !closed && of.wish() != ChannelCursor.Wish.NONE) {
            asking = true;
            repair.begin(fruitless, !of.isNew(), () -> lane.execute(() -> ask(of)));
        }
    }

    private void ask(ChannelCursor of) {
        if (closed || limits == null) {
            repair.done();
            return;
        }
        boolean restart = of.wish() == ChannelCursor.Wish.RESTART;
        of.asked();
        StreamPosition position = of.position();
        if (restart && position != null) {
            repair.restart(name, limits, position)
                    .switchIfEmpty(noAnswer())
                    .subscribe(
                            begun -> answered(of, () -> restarted(of)),
                            failure -> answered(of, () -> failed(of, failure)));
        } else {
            repair.read(name, limits, position)
                    .switchIfEmpty(noAnswer())
                    .subscribe(
                            page -> answered(of, () -> read(of, page)),
                            failure -> answered(of, () -> failed(of, failure)));
        }
    }

    /** So that each question ends, whatever Redis says. */
    private static <T> Mono<T> noAnswer() {
        return Mono.error(() -> new IllegalStateException("Redis answered with nothing"));
    }

    private void answered(ChannelCursor of, Runnable answer) {
        repair.done();
        lane.execute(() -> {
            asking = false;
            if (!closed) {
                answer.run();
                advance(of);
            }
        });
    }

    private static void restarted(ChannelCursor of) {
        of.restarted();
    }

    private void read(ChannelCursor of, HistoryPage page) {
        if (of.isNew()) {
            succeed(page.top()); // first, since what came meanwhile follows it
        }
        if (of.page(page)) {
            fruitless = 0;
        } else if (of.wish() != ChannelCursor.Wish.RESTART) { // else it is for that to succeed or fail
            fruitless++;
        }
    }

    private void failed(ChannelCursor of, Throwable failure) {
        repair.failed(name, failure);
        of.failed();
        fruitless++;
        if (of.isNew()) {
            fail(failure);
        } else if (!repair.isUp(key)) {
            confirmed = false; // goes on when the channel is confirmed again
        }
    }
}
