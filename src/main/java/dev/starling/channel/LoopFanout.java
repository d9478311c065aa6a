package dev.starling.channel;

import dev.starling.protocol.StreamPosition;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;

/**
 * The subscribers of one channel on one event loop. Frames come in on the hub's pump and are queued for the loop; all
 * else happens on the loop, which owns the bag of subscriptions and the batch.
 */
final class LoopFanout implements CoreSubscriber<Emission>, Consumer<ChannelSubscription> {

    private static final Logger log = LoggerFactory.getLogger(LoopFanout.class);

    private static final AtomicReferenceFieldUpdater<LoopFanout, @Nullable Loss> LOSS =
            AtomicReferenceFieldUpdater.newUpdater(LoopFanout.class, Loss.class, "loss");

    private final Channel channel;
    private final DeliveryQueue queue;
    private final LoopSlots<ChannelSubscription> subscriptions = new LoopSlots<>();
    private @Nullable Subscription upstream;
    private @Nullable MessageBatch batch;
    private int delivered;

    /** Where the subscribers are, if the channel has a history and something came. */
    private @Nullable StreamPosition reached;

    /** What did not get into the queue: while there is such, nothing else does, so that it is one piece. */
    private volatile @Nullable Loss loss;

    /** The loss that the loop has seen and will tell in its place. */
    private @Nullable Loss owed;

    LoopFanout(Channel channel, DeliveryQueue queue) {
        this.channel = channel;
        this.queue = queue;
    }

    Channel channel() {
        return channel;
    }

    DeliveryQueue queue() {
        return queue;
    }

    @Nullable
    StreamPosition reached() {
        return reached;
    }

    /** On a channel with history, the subscription begins where the channel is now. */
    ChannelSubscription join(Receiver receiver) {
        ChannelSubscription subscription = new ChannelSubscription(this, receiver);
        ChannelPosition.Head head = channel.head(); // not before this fan-out is the sink's subscriber
        if (head != null) {
            subscription.startAt(head);
        }
        subscriptions.add(subscription);
        return subscription;
    }

    /** Whether it was here. */
    boolean leave(ChannelSubscription subscription) {
        return subscriptions.remove(subscription);
    }

    boolean isEmpty() {
        return subscriptions.size() == 0;
    }

    void dispose() {
        if (upstream != null) {
            upstream.cancel();
        }
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        upstream = subscription;
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Emission emission) {
        if (loss != null || !queue.offer(this, emission)) {
            queue.dropped();
            lose(emission);
        }
    }

    private void lose(Emission emission) {
        Loss before;
        Loss now;
        do {
            before = loss;
            now = Loss.of(before, emission);
        } while (!LOSS.compareAndSet(this, before, now));
        if (before == null && now != null) {
            queue.owe(this);
        }
    }

    /** Takes the loss over, to be told between what was queued before and after it; false if there is one to tell still. */
    boolean acknowledgeLoss() {
        if (owed != null) {
            return false;
        }
        owed = LOSS.getAndSet(this, null);
        return true;
    }

    /** The loss to be told before a frame of this sequence. */
    @Nullable
    Loss owedBefore(long sequence) {
        Loss due = owed;
        return due == null || due.sequence() >= sequence ? null : due;
    }

    /** What was owed is told. */
    void settle() {
        owed = null;
    }

    /** The loss could not be told before this frame, which is part of it from now on. */
    void oweAlso(Emission emission) {
        owed = Loss.of(owed, emission);
    }

    @Override
    public void onError(Throwable failure) {
        log.error("channel.failed", failure); // a sink that only the pump emits into does not fail
    }

    @Override
    public void onComplete() {
        // A channel ends by losing its listeners.
    }

    /** What the next {@link #deliver} delivers, if anything. */
    @Nullable
    MessageBatch batch() {
        return batch;
    }

    /** Begins a batch. */
    MessageBatch open(MessageBatch empty) {
        batch = empty;
        return empty;
    }

    /** Hands the batch to all subscribers of this loop, and back, emptied, to the caller. */
    @Nullable
    MessageBatch deliver() {
        MessageBatch current = batch;
        if (current == null) {
            return null;
        }
        try {
            int receivers = subscriptions.size();
            if (receivers > 0) {
                current.join(receivers, channel.allocator());
                delivered = 0;
                subscriptions.forEach(this);
                queue.delivered(
                        (long) delivered * (current.count() - current.events()),
                        (long) delivered * (current.bytes() - current.eventBytes()));
            }
        } finally {
            StreamPosition last = current.position(current.count() - 1);
            reached = last == null ? reached : last;
            batch = null;
            current.clear();
        }
        return current;
    }

    /** One receiver's fault must not cost the others their message. */
    @Override
    public void accept(ChannelSubscription subscription) {
        MessageBatch current = batch;
        if (current == null) {
            return;
        }
        delivered++;
        try {
            subscription.receiver().receive(current);
        } catch (RuntimeException | Error failure) { // that direct memory is used up is an error to Netty
            log(failure);
            if (current.position(current.count() - 1) != null) {
                fail(subscription);
            }
        }
    }

    private void fail(ChannelSubscription subscription) {
        try {
            subscription.receiver().failed();
        } catch (RuntimeException | Error failure) {
            log(failure);
        }
    }

    private void log(Throwable failure) {
        log.atError().setCause(failure).addKeyValue("channel", channel.name()).log("channel.delivery_failed");
    }
}
