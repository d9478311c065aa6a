package dev.starling.redis.stream;

import dev.starling.protocol.Arrival;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.MpscArrayQueue;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * One worker thread with a bounded queue before it, to which the reading threads of Redis hand what they hear: all of a
 * channel to the same lane. The worker is the only one that emits arrivals, and starts with their subscriber. Any thread
 * may hand over, and never waits.
 */
final class Lane implements Subscription {

    private static final Logger log = LoggerFactory.getLogger(Lane.class);
    private static final int TASK_CHUNK = 256;

    /** Messages that are taken from the queue at a time; tasks are looked for in between. */
    private static final int BATCH = 64;

    /**
     * How long the worker looks away once there is nothing to do, instead of being called for each single message: a call, or
     * a shorter look, costs more than handing on a dozen messages.
     */
    private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    /** How long it sleeps until somebody calls; the end of it only guards against a bug. */
    private static final long SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Arrivals to emit, and what has to be run to know what to emit. */
    private final MpscArrayQueue<Object> messages;

    private final Queue<Runnable> tasks = new MpscUnboundedArrayQueue<>(TASK_CHUNK);
    private final AtomicLong demand = new AtomicLong();
    private final Thread worker;
    private final AtomicReference<@Nullable CoreSubscriber<? super Arrival>> subscriber = new AtomicReference<>();
    private final Queue<Behind> behind = new ArrayDeque<>();
    private final Object[] batch = new Object[BATCH];
    private int inHand;
    private long taken;
    private volatile boolean asleep;
    private volatile boolean over;

    /** A task for when so many messages have been taken from the queue. */
    private record Behind(long taken, Runnable task) {}

    /**
     * @param name of the worker thread
     * @param capacity messages that may wait, a power of two
     */
    Lane(String name, int capacity) {
        messages = new MpscArrayQueue<>(capacity);
        worker = new Thread(this::work, name);
        worker.setDaemon(true);
    }

    /** What the worker emits, for one subscriber. */
    Flux<Arrival> arrivals() {
        return new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Arrival> actual) {
                start(actual);
            }
        };
    }

    private void start(CoreSubscriber<? super Arrival> actual) {
        if (subscriber.compareAndSet(null, actual)) {
            actual.onSubscribe(this);
            worker.start();
        } else {
            Operators.error(actual, new IllegalStateException("a lane is for one subscriber"));
        }
    }

    /** Hands over a message that has to be looked at on the lane; whether there was room for it. */
    boolean offer(Runnable message) {
        return add(message);
    }

    /** Hands over a message to be emitted as it is; whether there was room for it. */
    boolean offer(Arrival message) {
        return add(message);
    }

    private boolean add(Object message) {
        boolean taken = messages.offer(message);
        wake();
        return taken;
    }

    /**
     * Hands over what must not get lost, and comes before all messages that are handed over later. The caller sees to it
     * that there is a bounded number of them.
     */
    void execute(Runnable task) {
        tasks.add(task);
        wake();
    }

    /** The same, but it comes behind the messages that wait now. */
    void executeBehind(Runnable task) {
        execute(() -> {
            behind.add(new Behind(taken + inHand + messages.size(), task));
            runBehind();
        });
    }

    /** Messages that wait. */
    int waiting() {
        return messages.size();
    }

    /** Emits; called by what this lane runs, and by nobody else. Waits for a subscriber that asks for less than all. */
    void emit(Arrival arrival) {
        CoreSubscriber<? super Arrival> to = subscriber.get();
        while (demand.get() == 0 && !over) {
            LockSupport.parkNanos(this, SLEEP_NANOS);
        }
        if (to != null && !over) {
            if (demand.get() != Long.MAX_VALUE) {
                demand.decrementAndGet();
            }
            to.onNext(arrival);
        }
    }

    /** Ends the worker; what waits is dropped. */
    void close() {
        over = true;
        LockSupport.unpark(worker);
    }

    @Override
    public void request(long more) {
        if (Operators.validate(more)) {
            demand.accumulateAndGet(more, Operators::addCap);
            LockSupport.unpark(worker);
        }
    }

    @Override
    public void cancel() {
        close();
    }

    private void wake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(worker);
        }
    }

    private void work() {
        while (!over) {
            messages.drain(message -> batch[inHand++] = message, BATCH);
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                run(task);
            }
            if (inHand > 0) {
                runBatch();
            } else {
                rest();
            }
        }
        messages.clear();
        tasks.clear();
    }

    @SuppressWarnings("NullAway") // slots past those in hand are empty
    private void runBatch() {
        int count = inHand;
        for (int i = 0; i < count; i++) {
            Object message = batch[i];
            batch[i] = null;
            inHand--;
            taken++;
            take(message);
            if (!behind.isEmpty()) {
                runBehind();
            }
        }
    }

    private void runBehind() {
        for (Behind next = behind.peek(); next != null && next.taken <= taken; next = behind.peek()) {
            behind.remove();
            run(next.task);
        }
    }

    private void take(Object message) {
        if (message instanceof Arrival arrival) {
            try {
                emit(arrival);
            } catch (RuntimeException | Error failure) {
                failed(failure);
            }
        } else {
            run((Runnable) message);
        }
    }

    private static void run(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error failure) {
            failed(failure);
        }
    }

    /** A fault costs one message, never the lane; that direct memory is used up is an error to Netty. */
    private static void failed(Throwable failure) {
        log.error("broker.lane_failed", failure);
    }

    private void rest() {
        LockSupport.parkNanos(this, NAP_NANOS);
        if (isIdle()) {
            asleep = true;
            if (isIdle()) { // seen after the flag: who hands over now sees the flag, or is seen here
                LockSupport.parkNanos(this, SLEEP_NANOS);
            }
            asleep = false;
        }
    }

    private boolean isIdle() {
        return messages.isEmpty() && tasks.isEmpty() && !over;
    }
}
