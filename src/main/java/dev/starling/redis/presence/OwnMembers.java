package dev.starling.redis.presence;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Member;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/**
 * The members of one channel that are on this node, and what Redis has still to be told of them. Of a connection that comes
 * and goes faster than that, Redis is told only the last. Owned by the presence thread.
 */
final class OwnMembers {

    private final ChannelName channel;
    private final Map<String, Member> members = new LinkedHashMap<>(2);
    // Both are there only while there is something in them: there may be as many of us as there are connections.
    private @Nullable Map<String, Change> changes;
    private @Nullable ArrayDeque<List<Member>> repeats;
    private final AtomicInteger untold;
    private long read;
    private boolean busy;

    /**
     * @param read see {@link #read}
     * @param untold counts the leaves, of all channels, that Redis has still to be told of
     */
    OwnMembers(ChannelName channel, long read, AtomicInteger untold) {
        this.channel = channel;
        this.read = read;
        this.untold = untold;
    }

    /** @param done completes when Redis has it; null if it has failed already */
    private record Change(
            Member member, boolean comes, @Nullable MonoSink<Void> done) {}

    /**
     * What to tell Redis at once.
     *
     * @param waiting those who want to know when Redis has it
     */
    record Batch(List<Member> present, List<Member> absent, List<MonoSink<Void>> waiting) {}

    ChannelName channel() {
        return channel;
    }

    int count() {
        return members.size();
    }

    /** All batches up to this one have been answered, or were of other channels. */
    long read() {
        return read;
    }

    void read(long number) {
        read = number;
    }

    void enter(Member member, MonoSink<Void> done) {
        members.put(member.connection(), member);
        change(new Change(member, true, done));
    }

    /** False if it is not here, and there is nothing to do. */
    boolean leave(String connection, MonoSink<Void> done) {
        Member member = members.remove(connection);
        if (member == null) {
            return false;
        }
        change(new Change(member, false, done));
        return true;
    }

    private void change(Change change) {
        if (changes == null) {
            changes = new LinkedHashMap<>(2);
        }
        Change superseded = changes.put(change.member.connection(), change);
        if (!change.comes) {
            untold.incrementAndGet();
        }
        if (superseded != null) {
            end(superseded);
        }
    }

    private void end(Change superseded) {
        if (!superseded.comes) {
            untold.decrementAndGet();
        }
        if (superseded.done != null) {
            superseded.done.success();
        }
    }

    /** It leaves, and Redis is not told: it expires there. False if it is not here. */
    boolean forget(String connection) {
        if (members.remove(connection) == null) {
            return false;
        }
        Change superseded = changes == null ? null : changes.remove(connection);
        if (superseded != null) {
            end(superseded);
        }
        if (changes != null && changes.isEmpty()) {
            changes = null;
        }
        if (members.isEmpty()) {
            repeats = null;
        }
        return true;
    }

    /**
     * Redis may have applied the batch or not. The next batch repeats the members that are here. Of those that have left Redis is
     * told again, unless they are back or there are too many to remember. Returns how many were too many.
     */
    int failed(List<Member> absent, int mostUntold) {
        int forgotten = 0;
        for (Member member : absent) {
            boolean isNews = members.containsKey(member.connection())
                    || (changes != null && changes.containsKey(member.connection()));
            if (!isNews && untold.get() < mostUntold) {
                change(new Change(member, false, null));
            } else if (!isNews) {
                forgotten++;
            }
        }
        if (!members.isEmpty() && !isDue()) {
            repeat(List.of());
        }
        return forgotten;
    }

    /** All who are here now, in pieces of which each is small enough to be repeated in one batch. */
    List<List<Member>> pieces() {
        List<Member> all = List.copyOf(members.values());
        List<List<Member>> pieces = new ArrayList<>(all.size() / RedisMembers.BATCH + 1);
        for (int i = 0; i < all.size(); i += RedisMembers.BATCH) {
            pieces.add(all.subList(i, Math.min(i + RedisMembers.BATCH, all.size())));
        }
        return pieces;
    }

    /** Has Redis told once more of these, as far as they are still here; of nobody, to see who has expired. */
    void repeat(List<Member> piece) {
        if (repeats == null) {
            repeats = new ArrayDeque<>(2);
        }
        repeats.add(piece);
    }

    /** Whether Redis has still to be told once more of some. */
    boolean isRepeating() {
        return repeats != null && repeats.stream().anyMatch(piece -> !piece.isEmpty());
    }

    /** Whether there is something to tell. */
    boolean isDue() {
        return changes != null || repeats != null;
    }

    /** Whether Redis is being told something: the next has to wait, or it might overtake. */
    boolean isBusy() {
        return busy;
    }

    void setBusy(boolean busy) {
        this.busy = busy;
    }

    /** Whether nothing is left of it. */
    boolean isGone() {
        return members.isEmpty() && !isDue() && !busy;
    }

    /** The next thing to tell. */
    Batch next() {
        Batch batch = new Batch(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        takeChanges(batch);
        takeRepeat(batch);
        return batch;
    }

    private void takeChanges(Batch batch) {
        if (changes == null) {
            return;
        }
        Iterator<Change> next = changes.values().iterator();
        for (int i = 0; i < RedisMembers.BATCH && next.hasNext(); i++) {
            Change change = next.next();
            (change.comes ? batch.present : batch.absent).add(change.member);
            if (!change.comes) {
                untold.decrementAndGet();
            }
            if (change.done != null) {
                batch.waiting.add(change.done);
            }
            next.remove();
        }
        if (changes.isEmpty()) {
            changes = null;
        }
    }

    private void takeRepeat(Batch batch) {
        List<Member> piece = repeats == null ? null : repeats.poll();
        if (piece == null) {
            return;
        }
        var told = batch.present.stream().map(Member::connection).collect(Collectors.toSet());
        for (Member member : piece) {
            if (member.equals(members.get(member.connection())) && !told.contains(member.connection())) {
                batch.present.add(member);
            }
        }
        if (repeats != null && repeats.isEmpty()) {
            repeats = null;
        }
    }
}
