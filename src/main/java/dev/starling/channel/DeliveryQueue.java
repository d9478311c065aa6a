package dev.starling.channel;

import dev.starling.protocol.EncodedMessage;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
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

    private static final long RETRY_MILLIS = 100;

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
    private final Set<LoopFanout> owing = new LinkedHashSet<>();

    /** Whether there was no memory to tell a loss; from then on until none is owed. */
    private boolean isShort;

    private boolean isRetrying;

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
            if (isShort) {
                scheduleLater();
            } else if (!queue.isEmpty() || !losers.isEmpty() || !owing.isEmpty()) {
                schedule();
            }
        }
    }

    /** So that a loop that waits for memory does not spin; frames that come meanwhile schedule it at once. */
    private void scheduleLater() {
        if (!queue.isEmpty()) {
            schedule();
        } else if (!isRetrying) {
            isRetrying = true;
            loop.schedule(this::retry, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void retry() {
        isRetrying = false;
        schedule();
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
            owing.removeIf(fanout -> tellLoss(fanout, Long.MAX_VALUE));
        }
        isShort = isShort && !owing.isEmpty();
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
        if (fanout.owedBefore(emission.sequence()) == null) {
            add(fanout, emission);
        } else if (tellLoss(fanout, emission.sequence())) {
            owing.remove(fanout);
            add(fanout, emission);
        } else {
            fanout.oweAlso(emission);
            emission.message().release();
            dropped();
        }
    }

    /** Whether there is none to tell any more; without memory for the frame it is told later. */
    private boolean tellLoss(LoopFanout fanout, long beforeSequence) {
        Loss loss = fanout.owedBefore(beforeSequence);
        if (loss == null) {
            return true;
        }
        EncodedMessage frame;
        try {
            frame = EncodedMessage.of(
                    loss.frame(fanout.channel().name()), fanout.channel().allocator());
        } catch (RuntimeException | Error failure) { // that direct memory is used up is an error to Netty
            untold(fanout, failure);
            return false;
        }
        fanout.settle();
        add(fanout, new Emission(frame, loss.after(), loss.sequence(), System.nanoTime()));
        return true;
    }

    /** Logged once for as long as it lasts. */
    private void untold(LoopFanout fanout, Throwable failure) {
        if (!isShort) {
            log.atError()
                    .setCause(failure)
                    .addKeyValue("channel", fanout.channel().name())
                    .log("channel.loss_untold");
        }
        isShort = true;
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
