package dev.starling.channel;

import dev.starling.protocol.EncodedMessage;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.MpscChunkedArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one event loop has still to deliver, of all channels: one queue and one wake-up, however many channels speak. Any
 * thread may offer, only the loop takes. Bounded in messages and bytes: past that, messages for this loop are dropped and
 * counted, and publishers of this node are refused before that. What a channel with history lost this way is told to its
 * subscribers in its place, whether or not more follows.
 */
final class DeliveryQueue implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(DeliveryQueue.class);
    private static final int FIRST_CHUNK = 256;

    /** Deliveries per turn, so that a loop also reads and accepts while it is flooded. */
    private static final int TURN = 256;

    private final EventExecutor loop;
    private final ChannelProperties limits;
    private final ChannelMetrics metrics;
    private final MpscChunkedArrayQueue<Delivery> queue;
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final AtomicBoolean rejected = new AtomicBoolean();
    private final List<LoopFanout> staged = new ArrayList<>();

    /** Those that lost something which the loop has not taken over; each is here once. */
    private final Queue<LoopFanout> losers = new ConcurrentLinkedQueue<>();

    /** Those whose loss the loop has to tell. */
    private final List<LoopFanout> owing = new ArrayList<>();

    private final ArrayDeque<MessageBatch> spare = new ArrayDeque<>();

    DeliveryQueue(EventExecutor loop, ChannelProperties limits, ChannelMetrics metrics) {
        this.loop = loop;
        this.limits = limits;
        this.metrics = metrics;
        this.queue = new MpscChunkedArrayQueue<>(FIRST_CHUNK, limits.maxQueuedMessages());
    }

    private record Delivery(LoopFanout fanout, Emission emission) {}

    /** Queues a frame for the loop, which gets a reference of its own; false if it does not fit. */
    boolean offer(LoopFanout fanout, Emission emission) {
        EncodedMessage message = emission.message();
        message.retain();
        if (!hasRoomFor(message.size()) || !queue.offer(new Delivery(fanout, emission))) {
            message.release();
            return false;
        }
        queuedBytes.addAndGet(message.size());
        schedule();
        return true;
    }

    /** Has the loop tell what a fan-out has lost. */
    void owe(LoopFanout fanout) {
        losers.add(fanout);
        schedule();
    }

    void dropped() {
        metrics.dropped();
    }

    /** One message always fits, or a very large one never would. */
    private boolean hasRoomFor(int bytes) {
        long queued = queuedBytes.get();
        return queued <= 0 || queued + bytes <= limits.maxQueuedBytes().toBytes();
    }

    /** Whether publishers should hold back: half of what fits is waiting. */
    boolean isSaturated() {
        return queue.size() > limits.maxQueuedMessages() / 2
                || queuedBytes.get() > limits.maxQueuedBytes().toBytes() / 2;
    }

    EventExecutor loop() {
        return loop;
    }

    void delivered(long deliveries, long bytes) {
        metrics.delivered(deliveries, bytes);
    }

    /** A loop that takes no work, as one that has ended, must not cost the other loops their messages. */
    private void schedule() {
        if (scheduled.get() || !scheduled.compareAndSet(false, true)) {
            return;
        }
        try {
            loop.execute(this);
        } catch (RejectedExecutionException failure) {
            scheduled.set(false);
            if (rejected.compareAndSet(false, true)) {
                log.atWarn().setCause(failure).log("channel.loop_refused");
            }
        }
    }

    @Override
    public void run() {
        try {
            takeTurn();
        } finally {
            scheduled.set(false);
            if (!queue.isEmpty() || !losers.isEmpty() || !owing.isEmpty()) {
                schedule();
            }
        }
    }

    private void takeTurn() {
        if (!losers.isEmpty()) {
            acknowledgeLosses();
        }
        long oldestNanos = 0;
        boolean isDrained = false;
        for (int i = 0; i < TURN && !isDrained; i++) {
            Delivery next = queue.poll();
            if (next == null) {
                isDrained = true;
            } else {
                Emission emission = next.emission;
                queuedBytes.addAndGet(-emission.message().size());
                oldestNanos = oldestNanos == 0 ? emission.sinceNanos() : oldestNanos;
                stage(next.fanout, emission);
            }
        }
        if (isDrained && !owing.isEmpty()) {
            owing.forEach(fanout -> tellLoss(fanout, Long.MAX_VALUE));
            owing.clear();
        }
        staged.forEach(this::deliver);
        staged.clear();
        if (oldestNanos != 0) {
            metrics.fannedOut(System.nanoTime() - oldestNanos);
        }
    }

    /** From here on the queue takes the channel's frames again: the loss is over, and what lies before it is queued. */
    private void acknowledgeLosses() {
        for (int i = losers.size(); i > 0; i--) {
            LoopFanout fanout = losers.remove();
            if (fanout.acknowledgeLoss()) {
                owing.add(fanout);
            } else {
                losers.add(fanout);
            }
        }
    }

    private void stage(LoopFanout fanout, Emission emission) {
        tellLoss(fanout, emission.sequence());
        add(fanout, emission);
    }

    private void tellLoss(LoopFanout fanout, long beforeSequence) {
        Loss loss = fanout.takeOwedBefore(beforeSequence);
        if (loss != null) {
            EncodedMessage frame =
                    EncodedMessage.of(loss.frame(fanout.channel().name()), PooledByteBufAllocator.DEFAULT);
            add(fanout, new Emission(frame, loss.after(), loss.sequence(), System.nanoTime()));
        }
    }

    private void add(LoopFanout fanout, Emission emission) {
        MessageBatch batch = fanout.batch();
        if (batch == null) {
            batch = fanout.open(takeSpare());
            staged.add(fanout);
        }
        batch.add(emission);
        if (batch.isFull()) {
            deliver(fanout);
        }
    }

    private MessageBatch takeSpare() {
        MessageBatch batch = spare.poll();
        return batch == null ? new MessageBatch() : batch;
    }

    /** A fault in one channel must not cost the others of the turn their messages. */
    private void deliver(LoopFanout fanout) {
        try {
            MessageBatch free = fanout.deliver();
            if (free != null && spare.size() < MessageBatch.CAPACITY) {
                spare.push(free);
            }
        } catch (RuntimeException | Error failure) {
            log.atError()
                    .setCause(failure)
                    .addKeyValue("channel", fanout.channel().name())
                    .log("channel.delivery_failed");
        }
    }
}
