package dev.starling.redis.link;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that does one task after the other; so what it owns needs no lock. One makes, watches and ends the connections to Redis,
 * another one hears what nodes say to each other. A task that fails is logged and does not stop the next; what comes after the end is dropped. Any thread may call.
 */
public final class LinkLoop {

    private static final Logger log = LoggerFactory.getLogger(LinkLoop.class);

    private final EventExecutor executor;

    LinkLoop() {
        this("redis-links");
    }

    LinkLoop(String thread) {
        executor = new DefaultEventExecutor(new DefaultThreadFactory(thread, true));
    }

    /** Tasks of one thread run in the order in which it gave them. */
    public void execute(Runnable task) {
        try {
            executor.execute(() -> run(task));
        } catch (RejectedExecutionException e) {
            ended(e);
        }
    }

    /** The result is for cancelling. */
    public Future<?> schedule(Runnable task, long nanos) {
        try {
            return executor.schedule(() -> run(task), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            ended(e);
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Netty's executor would end with the first exception, hence every link of this node with it. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            log.atError().setCause(failure).log("redis.link_task_failed");
        }
    }

    private void ended(RejectedExecutionException rejected) {
        if (!executor.isShuttingDown()) {
            throw rejected;
        }
    }

    boolean isClosed() {
        return executor.isShuttingDown();
    }

    /** Ends after what it has been given so far. Waits, so not for an event loop. */
    void close(Duration limit) {
        executor.shutdownGracefully(0, limit.toMillis(), TimeUnit.MILLISECONDS).awaitUninterruptibly(limit.toMillis());
    }
}
