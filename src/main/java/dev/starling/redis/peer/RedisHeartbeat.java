package dev.starling.redis.peer;

import dev.starling.broker.PeerMetrics;
import dev.starling.redis.link.LinkLoop;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says at each heartbeat that this node is here, and in the end that it is not any more. Owned by the loop. */
final class RedisHeartbeat implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RedisHeartbeat.class);
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final NodeRegistry registry;
    private final LinkLoop loop;
    private final Duration interval;
    private final Consumer<RefusalStore.@Nullable Version> refusals;
    private final PeerMetrics metrics;
    private boolean underWay;
    private boolean registered;
    private boolean closed;

    /** @param refusals told of the version that Redis has, on the loop */
    RedisHeartbeat(
            NodeRegistry registry,
            LinkLoop loop,
            Duration interval,
            Consumer<RefusalStore.@Nullable Version> refusals,
            PeerMetrics metrics) {
        this.registry = registry;
        this.loop = loop;
        this.interval = interval;
        this.refusals = refusals;
        this.metrics = metrics;
    }

    /** Begins, whether Redis is there or not. */
    void open() {
        loop.execute(this::tick);
    }

    private void tick() {
        if (!closed) {
            loop.schedule(this::tick, interval.toNanos());
            beat();
        }
    }

    /** One more; this node can be asked now, or may have missed something. On the loop. */
    void beat() {
        if (!closed && !underWay) {
            underWay = true;
            registry.beat()
                    .subscribe(beat -> loop.execute(() -> told(beat)), failure -> loop.execute(() -> failed(failure)));
        }
    }

    private void told(NodeRegistry.Beat beat) {
        underWay = false;
        metrics.nodes(beat.nodes());
        if (!registered) {
            registered = true;
            log.atInfo().addKeyValue("nodes", beat.nodes()).log("peers.registered");
        }
        refusals.accept(beat.refusals());
    }

    private void failed(Throwable failure) {
        underWay = false;
        metrics.nodes(0);
        if (registered) {
            registered = false;
            log.atWarn().addKeyValue("reason", failure.getMessage()).log("peers.unregistered");
        }
    }

    /** Waits for a moment until the others know that this node has left. */
    @Override
    public void close() {
        CountDownLatch left = new CountDownLatch(1);
        loop.execute(() -> {
            closed = true;
            registry.leave()
                    .doFinally(end -> left.countDown())
                    .subscribe(done -> {}, failure -> log.debug("peers.left_silently", failure));
        });
        try {
            if (!left.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("peers.closed_early");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
