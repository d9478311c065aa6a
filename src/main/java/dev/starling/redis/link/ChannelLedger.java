package dev.starling.redis.link;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one link should hear and what it hears: turns wishes into batches for Redis, netting out those that cancel each
 * other. Owned by the thread of the links.
 */
final class ChannelLedger {

    /** Somebody listens. */
    private static final int WANTED = 1;
    /** Redis was told on this connection, and not told otherwise. */
    private static final int HEARD = 2;
    /** Stands in {@link #lingering}. */
    private static final int LINGERS = 4;
    /** Given up again while it stood there. */
    private static final int LINGERS_AGAIN = 8;

    private record Lingering(String channel, long untilNanos) {}

    private final long lingerNanos;
    private final Map<String, Byte> channels = new HashMap<>(); // small Bytes are shared objects: no entry of our own
    private Set<String> queue = new LinkedHashSet<>();
    private final ArrayDeque<Lingering> lingering = new ArrayDeque<>();
    private int heard;

    ChannelLedger(long lingerNanos) {
        this.lingerNanos = lingerNanos;
    }

    /** A channel that lingers is subscribed again, since that is what Redis confirms. */
    void want(String channel) {
        int flags = flags(channel);
        if ((flags & WANTED) == 0) {
            queue.add(channel);
            set(channel, flags | WANTED);
        }
    }

    void unwant(String channel, long nowNanos) {
        int flags = flags(channel);
        if ((flags & WANTED) == 0) {
            return;
        }
        flags &= ~WANTED;
        queue.remove(channel);
        if ((flags & HEARD) != 0) {
            flags = linger(channel, flags, nowNanos);
        }
        set(channel, flags);
    }

    private int linger(String channel, int flags, long nowNanos) {
        if ((flags & LINGERS) != 0) {
            return flags | LINGERS_AGAIN;
        }
        lingering.add(new Lingering(channel, nowNanos + lingerNanos));
        return flags | LINGERS;
    }

    /** Channels to subscribe next, at most so many; empty if there are none. */
    List<String> toSubscribe(int most) {
        List<String> batch = new ArrayList<>(Math.min(most, queue.size()));
        Iterator<String> first = queue.iterator();
        while (batch.size() < most && first.hasNext()) {
            String channel = first.next();
            first.remove();
            batch.add(channel);
            set(channel, flags(channel) | HEARD);
        }
        return batch;
    }

    /** Channels to unsubscribe next, at most so many: those that nobody wanted back while they lingered. */
    List<String> toUnsubscribe(int most, long nowNanos) {
        List<String> batch = new ArrayList<>();
        Lingering head;
        while (batch.size() < most && (head = lingering.peek()) != null && head.untilNanos() - nowNanos <= 0) {
            lingering.poll();
            if (leaves(head.channel(), nowNanos)) {
                batch.add(head.channel());
            }
        }
        return batch;
    }

    private boolean leaves(String channel, long nowNanos) {
        int flags = flags(channel);
        boolean again = (flags & LINGERS_AGAIN) != 0;
        boolean unwanted = (flags & (WANTED | HEARD)) == HEARD;
        flags &= ~(LINGERS | LINGERS_AGAIN);
        if (unwanted && again) {
            flags = linger(channel, flags, nowNanos);
        } else if (unwanted) {
            flags &= ~HEARD;
        }
        set(channel, flags);
        return unwanted && !again;
    }

    /** When the next channel has lingered enough, in the nanoseconds of {@link System#nanoTime}; null if none does. */
    @Nullable
    Long nextLeaveNanos() {
        Lingering head = lingering.peek();
        return head == null ? null : head.untilNanos();
    }

    /** Redis has ended this subscription by itself: it is made again if it is wanted. */
    void unheard(String channel) {
        int flags = flags(channel) & ~HEARD;
        if ((flags & WANTED) != 0) {
            queue.add(channel);
        }
        set(channel, flags);
    }

    /** The connection is gone: what is wanted is subscribed anew. */
    void lost() {
        lingering.clear();
        heard = 0;
        channels.values().removeIf(flags -> (flags & WANTED) == 0);
        channels.replaceAll((channel, flags) -> (byte) WANTED);
        queue = new LinkedHashSet<>(channels.keySet());
    }

    /** Forgets a channel at once; whether it was heard, and is to be unsubscribed. */
    boolean forget(String channel) {
        boolean wasHeard = (flags(channel) & HEARD) != 0;
        queue.remove(channel);
        set(channel, 0);
        return wasHeard;
    }

    /** All that is wanted, as a copy. */
    Collection<String> wanted() {
        List<String> wanted = new ArrayList<>(channels.size());
        channels.forEach((channel, flags) -> {
            if ((flags & WANTED) != 0) {
                wanted.add(channel);
            }
        });
        return wanted;
    }

    /** Whether there is nothing to subscribe. */
    boolean isSettled() {
        return queue.isEmpty();
    }

    /** Channels that Redis was told. */
    int heard() {
        return heard;
    }

    private int flags(String channel) {
        Byte flags = channels.get(channel);
        return flags == null ? 0 : flags;
    }

    /** A channel that is neither wanted nor heard is forgotten. */
    private void set(String channel, int flags) {
        boolean kept = (flags & (WANTED | HEARD)) != 0;
        Byte before = kept ? channels.put(channel, (byte) flags) : channels.remove(channel);
        boolean wasHeard = before != null && (before & HEARD) != 0;
        boolean isHeard = kept && (flags & HEARD) != 0;
        heard += (isHeard ? 1 : 0) - (wasHeard ? 1 : 0);
    }
}
