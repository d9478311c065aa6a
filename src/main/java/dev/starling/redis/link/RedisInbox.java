package dev.starling.redis.link;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * What nodes say to each other, beside the channels: taken from the reading thread to a loop of its own, which owns all that comes of
 * it. What the loop has no room for is dropped and counted. Thread-safe.
 */
public final class RedisInbox implements RedisSubscriptions.Listener, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RedisInbox.class);
    private static final int MOST_WAITING = 1024;
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

    private final InboxMetrics metrics;
    private final LinkLoop loop = new LinkLoop("redis-peers");
    private final ConcurrentMap<String, Receiver> receivers = new ConcurrentHashMap<>();
    private final AtomicInteger waiting = new AtomicInteger();

    RedisInbox(InboxMetrics metrics) {
        this.metrics = metrics;
    }

    /** Who hears under one name, on the loop. */
    public interface Receiver {

        /** A message; the array is the receiver's own. */
        void heard(byte[] envelope) throws UnreadableEnvelopeException;

        /** See {@link RedisSubscriptions.Listener#subscribed}. */
        void confirmed();
    }

    /** The thread of all receivers. */
    public LinkLoop loop() {
        return loop;
    }

    /** Does it on the loop, and completes then. */
    public Mono<Void> then(Runnable task) {
        return Mono.create(done -> {
            if (loop.isClosed()) {
                done.error(new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "this node is stopping"));
                return;
            }
            loop.execute(() -> {
                task.run();
                done.success();
            });
        });
    }

    /** Has what is heard under a name received from now on; Redis is told that it should be heard. */
    public void open(String name, Receiver receiver, RedisSubscriptions subscriptions) {
        receivers.put(name, receiver);
        subscriptions.add(name);
    }

    @Override
    public void message(String channel, byte[] envelope) {
        Receiver receiver = receivers.get(channel);
        if (receiver == null) {
            return;
        }
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            metrics.full();
            return;
        }
        loop.execute(() -> {
            waiting.decrementAndGet();
            hear(receiver, envelope);
        });
    }

    private void hear(Receiver receiver, byte[] envelope) {
        try {
            receiver.heard(envelope);
        } catch (UnreadableEnvelopeException unreadable) {
            metrics.unreadable(unreadable);
            log.atDebug().addKeyValue("reason", unreadable.getMessage()).log("peers.unreadable");
        }
    }

    @Override
    public void subscribed(String channel) {
        Receiver receiver = receivers.get(channel);
        if (receiver != null) {
            loop.execute(receiver::confirmed);
        }
    }

    /** Ends the loop; what it has is done before. */
    @Override
    public void close() {
        loop.close(CLOSE_LIMIT);
    }
}
