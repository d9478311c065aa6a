package dev.starling.redis.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A message of our own, sent again and again the way all messages go, to see that it comes back through one link. It is
 * written into a key as well, so that it also proves that Redis takes writes. Owned by the loop, but for
 * {@link #arrived}.
 */
final class Canary {

    /** What becomes of each. On the loop. */
    interface Witness {

        /** It came back. */
        void delivered(long nanos);

        /** It could not be sent, which says nothing about the link. */
        void refused(RedisFault fault, Throwable failure);

        /** Redis took it, but it did not come back in time. The canary rests then until it is started again. */
        void undelivered();
    }

    private static final String KEY_TTL_MILLIS = "60000";
    private static final String SCRIPT = "redis.call('set', KEYS[1], ARGV[1], 'px', " + KEY_TTL_MILLIS + ") ";
    private static final String CLASSIC = SCRIPT + "return redis.call('publish', KEYS[1], ARGV[1])";
    private static final String SHARDED = SCRIPT + "return redis.call('spublish', KEYS[1], ARGV[1])";

    private final LinkLoop loop;
    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final String script;
    private final long intervalNanos;
    private final long timeoutNanos;
    private final Witness witness;
    private long number;
    private long sentNanos;
    private boolean running;
    private boolean accepted;
    private boolean isBack;

    Canary(
            LinkLoop loop,
            RedisClusterAsyncCommands<String, byte[]> commands,
            RedisProperties properties,
            boolean sharded,
            Witness witness) {
        this.loop = loop;
        this.commands = commands;
        this.script = sharded ? SHARDED : CLASSIC;
        this.intervalNanos = properties.probeInterval().toNanos();
        this.timeoutNanos = properties.probeTimeout().toNanos();
        this.witness = witness;
    }

    /** Sends one, and the next a while after this is back. What was under way before is forgotten. */
    void start(String channel) {
        running = true;
        long mine = ++number;
        sentNanos = System.nanoTime();
        accepted = false;
        isBack = false;
        commands.<Long>eval(script, ScriptOutputType.INTEGER, new String[] {channel}, bytes(mine))
                .whenComplete((receivers, failure) -> loop.execute(() -> published(channel, mine, failure)));
    }

    private void published(String channel, long which, @Nullable Throwable failure) {
        if (which != number || !running) {
            return;
        }
        if (failure != null) {
            witness.refused(RedisFault.of(failure), failure);
            next(channel, which);
        } else if (isBack) {
            next(channel, which);
        } else {
            accepted = true;
            expire(channel, which);
        }
    }

    private void expire(String channel, long which) {
        long due = System.nanoTime() + timeoutNanos;
        loop.schedule(() -> overdue(channel, which, due), timeoutNanos);
    }

    /** If the timer is late, it was this node that stood still: then it may well be there, unread. */
    private void overdue(String channel, long which, long dueNanos) {
        if (which != number || !running || isBack) {
            return;
        }
        if (System.nanoTime() - dueNanos > intervalNanos) {
            expire(channel, which);
        } else {
            running = false;
            witness.undelivered();
        }
    }

    /** It came through the link; on the connection's reading thread. */
    void arrived(String channel, byte[] payload) {
        long now = System.nanoTime();
        loop.execute(() -> arrived(channel, payload, now));
    }

    private void arrived(String channel, byte[] payload, long nowNanos) {
        if (!running || isBack || !new String(payload, US_ASCII).equals(Long.toString(number))) {
            return;
        }
        isBack = true;
        witness.delivered(nowNanos - sentNanos);
        if (accepted) {
            next(channel, number);
        }
    }

    private void next(String channel, long after) {
        loop.schedule(() -> again(channel, after), intervalNanos);
    }

    private void again(String channel, long after) {
        if (running && after == number) {
            start(channel);
        }
    }

    void stop() {
        running = false;
    }

    private static byte[] bytes(long number) {
        return Long.toString(number).getBytes(US_ASCII);
    }

    /**
     * What the canaries of this node are called in Redis, as channels and as keys: no two nodes share one.
     *
     * @param prefix see {@link RedisProperties}
     * @param nodeId this node, for as long as it runs
     */
    record Names(String prefix, String nodeId) {

        /** One in any of these slots; the number in braces decides about the slot. */
        String in(BitSet slots) {
            for (int number = 0; ; number++) {
                String name = prefix + "canary:" + nodeId + ":{" + number + '}';
                if (slots.get(SlotHash.getSlot(name))) {
                    return name;
                }
            }
        }
    }
}
