package dev.starling.channel;

import dev.starling.protocol.EncodedMessage;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.MpscChunkedArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one event loop has still to deliver, of all channels: one queue and one wake-up, however many channels speak. Any
 * thread may offer, only the loop takes. Bounded in messages and bytes: past that, messages for this loop are dropped and
 * counted, and publishers of this node are refused before that.
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
    private final List<LoopFanout> staged = new ArrayList<>();
    private final ArrayDeque<MessageBatch> spare = new ArrayDeque<>();

    DeliveryQueue(EventExecutor loop, ChannelProperties limits, ChannelMetrics metrics) {
        this.loop = loop;
        this.limits = limits;
        this.metrics = metrics;
        this.queue = new MpscChunkedArrayQueue<>(FIRST_CHUNK, limits.maxQueuedMessages());
    }

    private record Delivery(LoopFanout fanout, EncodedMessage message, long sinceNanos) {}

    /** Queues a message for the loop, which gets a reference of its own. */
    void offer(LoopFanout fanout, EncodedMessage message) {
        message.retain();
        if (!hasRoomFor(message.size()) || !queue.offer(new Delivery(fanout, message, System.nanoTime()))) {
            message.release();
            metrics.dropped();
            return;
        }
        queuedBytes.addAndGet(message.size());
        schedule();
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

    private void schedule() {
        if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
            loop.execute(this);
        }
    }

    @Override
    public void run() {
        try {
            takeTurn();
        } finally {
            scheduled.set(false);
            if (!queue.isEmpty()) {
                schedule();
            }
        }
    }

    private void takeTurn() {
        long oldestNanos = 0;
        for (int i = 0; i < TURN; i++) {
            Delivery next = queue.poll();
            if (next == null) {
                break;
            }
            queuedBytes.addAndGet(-next.message.size());
            if (oldestNanos == 0) {
                oldestNanos = next.sinceNanos;
            }
            stage(next);
        }
        staged.forEach(this::deliver);
        staged.clear();
        if (oldestNanos != 0) {
            metrics.fannedOut(System.nanoTime() - oldestNanos);
        }
    }

    private void stage(Delivery next) {
        LoopFanout fanout = next.fanout;
        MessageBatch batch = fanout.batch();
        if (batch == null) {
            batch = fanout.open(takeSpare());
            staged.add(fanout);
        }
        batch.add(next.message);
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
