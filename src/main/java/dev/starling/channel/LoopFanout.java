package dev.starling.channel;

import dev.starling.protocol.EncodedMessage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;

/**
 * The subscribers of one channel on one event loop. Messages come in on the hub's pump and are queued for the loop; all
 * else happens on the loop, which owns the bag of subscriptions and the batch.
 */
final class LoopFanout implements CoreSubscriber<EncodedMessage>, Consumer<ChannelSubscription> {

    private static final Logger log = LoggerFactory.getLogger(LoopFanout.class);

    private final Channel channel;
    private final DeliveryQueue queue;
    private final LoopSlots<ChannelSubscription> subscriptions = new LoopSlots<>();
    private @Nullable Subscription upstream;
    private @Nullable MessageBatch batch;

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

    ChannelSubscription join(Receiver receiver) {
        ChannelSubscription subscription = new ChannelSubscription(this, receiver);
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
    public void onNext(EncodedMessage message) {
        queue.offer(this, message);
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
                current.join(receivers);
                subscriptions.forEach(this);
                queue.delivered((long) receivers * current.count(), (long) receivers * current.bytes());
            }
        } finally {
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
        try {
            subscription.receiver().receive(current);
        } catch (RuntimeException | Error failure) { // that direct memory is used up is an error to Netty
            log.atError()
                    .setCause(failure)
                    .addKeyValue("channel", channel.name())
                    .log("channel.delivery_failed");
        }
    }
}
