package dev.starling.redis;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks one connection again and again whether the other side is alive, since TCP does not know: a hung Redis
 * acknowledges, and a firewall that drops is silent. Owned by the loop that it is given.
 */
final class PingLoop {

    private final LinkLoop loop;
    private final long intervalNanos;
    private final long timeoutNanos;
    private final Supplier<? extends CompletionStage<?>> ping;
    private final Consumer<RedisFault> dead;
    private @Nullable Future<?> timer;
    private long round;
    private boolean stopped;

    /** @param dead told at most once, on the loop */
    PingLoop(
            LinkLoop loop,
            RedisProperties properties,
            Supplier<? extends CompletionStage<?>> ping,
            Consumer<RedisFault> dead) {
        this.loop = loop;
        this.intervalNanos = properties.probeInterval().toNanos();
        this.timeoutNanos = properties.probeTimeout().toNanos();
        this.ping = ping;
        this.dead = dead;
    }

    void start() {
        if (stopped) {
            return;
        }
        long number = ++round;
        expire(number);
        ping.get().whenComplete((pong, failure) -> loop.execute(() -> answered(number, failure)));
    }

    private void answered(long number, @Nullable Throwable failure) {
        if (stopped || number != round) {
            return;
        }
        cancel();
        if (failure != null) {
            end(RedisFault.of(failure));
        } else {
            timer = loop.schedule(this::start, intervalNanos);
        }
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
