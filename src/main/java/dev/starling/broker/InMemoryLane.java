package dev.starling.broker;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.Predicate;
import org.jctools.queues.MpscChunkedArrayQueue;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;

/**
 * A bounded queue from any threads to one subscriber. Whoever adds to it when it is idle hands out what is there, so that nobody
 * waits for a lock or for another thread; but not for long: what comes after {@value #TURN} arrivals is for a thread of Reactor's
 * parallel scheduler, turn by turn.
 */
final class InMemoryLane extends Flux<Arrival> implements Subscription {

    private static final Logger log = LoggerFactory.getLogger(InMemoryLane.class);

    /** Arrivals that a thread hands out in a row. */
    static final int TURN = 256;

    private static final int FIRST_CHUNK = 256;

    private static final AtomicIntegerFieldUpdater<InMemoryLane> WORK =
            AtomicIntegerFieldUpdater.newUpdater(InMemoryLane.class, "work");
    private static final AtomicLongFieldUpdater<InMemoryLane> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(InMemoryLane.class, "requested");

    private final MpscChunkedArrayQueue<Arrival> queue;
    private final Predicate<Arrival> wanted;
    private final InMemoryMetrics metrics;
    private final AtomicBoolean taken = new AtomicBoolean();

    /** Who raises it from 0 is the one that hands out, until it has taken all of it off again. */
    private volatile int work;

    private volatile long requested;
    private volatile boolean cancelled;
    private volatile @Nullable CoreSubscriber<? super Arrival> subscriber;

    /**
     * @param capacity arrivals that may wait, a power of two
     * @param wanted asked when an arrival's turn has come: those that are not are dropped
     */
    InMemoryLane(int capacity, Predicate<Arrival> wanted, InMemoryMetrics metrics) {
        this.queue = new MpscChunkedArrayQueue<>(FIRST_CHUNK, capacity);
        this.wanted = wanted;
        this.metrics = metrics;
    }

    /** Adds one; {@link #drain} it afterwards, without a lock. */
    void add(Arrival arrival) {
        if (cancelled) {
            throw new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "this node has stopped delivering");
        }
        if (!queue.offer(arrival)) {
            metrics.refused();
            throw new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "the broker's queue is full");
        }
    }

    /** Hands out what is there, unless somebody does so already. */
    void drain() {
        if (WORK.getAndIncrement(this) == 0) {
            turn();
        }
    }

    private void turn() {
        int left = TURN;
        int seen = work;
        do {
            CoreSubscriber<? super Arrival> receiver = subscriber;
            if (receiver != null) {
                left = handOut(receiver, left);
                if (left == 0) {
                    passOn();
                    return;
                }
            }
            seen = WORK.addAndGet(this, -seen);
        } while (seen != 0);
    }

    /** Returns how many more it may hand out. */
    private int handOut(CoreSubscriber<? super Arrival> receiver, int most) {
        int left = most;
        while (left > 0 && (requested > 0 || cancelled)) {
            Arrival arrival = queue.poll();
            if (arrival == null) {
                break;
            }
            left--;
            if (!cancelled && wanted.test(arrival)) {
                Operators.produced(REQUESTED, this, 1);
                give(receiver, arrival);
            }
        }
        return left;
    }

    /** A fault costs one arrival, never the lane: whoever hands out must come to its end. */
    private static void give(CoreSubscriber<? super Arrival> receiver, Arrival arrival) {
        try {
            receiver.onNext(arrival);
        } catch (RuntimeException | Error failure) { // that direct memory is used up is an error to Netty
            log.error("broker.lane_failed", failure);
        }
    }

    private void passOn() {
        work = 1; // still ours, and what was added meanwhile is seen by the next turn; it would overflow one day
        try {
            Schedulers.parallel().schedule(this::turn);
        } catch (RejectedExecutionException e) {
            // The scheduler has been shut down, and so is the node: nobody misses anything but for this thread's time.
            turn();
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super Arrival> actual) {
        if (!taken.compareAndSet(false, true)) {
            Operators.error(actual, new IllegalStateException("a lane is for one subscriber"));
            return;
        }
        actual.onSubscribe(this);
        subscriber = actual;
        drain();
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            Operators.addCap(REQUESTED, this, n);
            drain();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        drain();
    }
}
