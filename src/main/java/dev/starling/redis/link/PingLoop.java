package dev.starling.redis.link;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks one connection the same question again and again, to see whether the other side is alive: TCP does not know, since a
 * hung Redis acknowledges and a firewall that drops is silent. An error reply is an answer, too, unless it says that this
 * connection is of no use. Owned by the loop that it is given.
 *
 * @param <T> what a good answer is
 */
final class PingLoop<T> {

    /**
     * How often to ask, and how long an answer may take.
     *
     * @param interval from an answer to the next question
     */
    record Pace(Duration interval, Duration timeout) {

        static Pace of(RedisProperties properties) {
            return new Pace(properties.probeInterval(), properties.probeTimeout());
        }
    }

    private final LinkLoop loop;
    private final long intervalNanos;
    private final long timeoutNanos;
    private final Supplier<? extends CompletionStage<T>> ping;
    private final Consumer<@Nullable T> alive;
    private final Consumer<RedisFault> dead;
    private @Nullable Future<?> timer;
    private long round;
    private boolean stopped;

    /**
     * @param alive told of each answer on the loop; of null if it was an error reply
     * @param dead told at most once, on the loop
     */
    PingLoop(
            LinkLoop loop,
            Pace pace,
            Supplier<? extends CompletionStage<T>> ping,
            Consumer<@Nullable T> alive,
            Consumer<RedisFault> dead) {
        this.loop = loop;
        this.intervalNanos = pace.interval().toNanos();
        this.timeoutNanos = pace.timeout().toNanos();
        this.ping = ping;
        this.alive = alive;
        this.dead = dead;
    }

    void start() {
        if (stopped) {
            return;
        }
        long number = ++round;
        expire(number);
        ping.get().whenComplete((pong, failure) -> loop.execute(() -> answered(number, pong, failure)));
    }

    private void answered(long number, @Nullable T pong, @Nullable Throwable failure) {
        if (stopped || number != round) {
            return;
        }
        cancel();
        if (failure != null && !RedisFault.leavesConnectionUsable(failure)) {
            end(RedisFault.of(failure));
            return;
        }
        timer = loop.schedule(this::start, intervalNanos);
        alive.accept(failure == null ? pong : null);
    }

    private void expire(long number) {
        long due = System.nanoTime() + timeoutNanos;
        timer = loop.schedule(() -> overdue(number, due), timeoutNanos);
    }

    /** If the timer is late, it was this node that stood still: then the answer may well be there, unread. */
    private void overdue(long number, long dueNanos) {
        if (stopped || number != round) {
            return;
        }
        if (System.nanoTime() - dueNanos > intervalNanos) {
            expire(number);
        } else {
            end(RedisFault.TIMEOUT);
        }
    }

    private void end(RedisFault fault) {
        stop();
        dead.accept(fault);
    }

    void stop() {
        stopped = true;
        cancel();
    }

    private void cancel() {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
