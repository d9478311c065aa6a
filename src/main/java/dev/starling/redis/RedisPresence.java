package dev.starling.redis;

import dev.starling.broker.PresencePage;
import dev.starling.broker.PresenceStore;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.RefusedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Who is where over all nodes that share a Redis. One thread owns what this node has to say; it waits for nothing. It tells
 * Redis of a few channels at a time, and of one channel only when the last was answered, so however many connections come and
 * go at once, publishing is not held up. Within each third of the time to live it says of all members once more that they are
 * here, evenly spread: so they come back by themselves if Redis has lost them, and those of a node that died do not stay.
 */
final class RedisPresence implements PresenceStore, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RedisPresence.class);

    /** The most batches that Redis is working on for this node. */
    private static final int MOST_UNDER_WAY = 16;

    private static final int MOST_EXPIRED = RedisMembers.BATCH;

    /** The most that have left and that Redis could not be told of; more of them expire there. */
    private static final int MOST_UNTOLD = 10_000;

    /** After a fault the next of a channel waits for so long. */
    private static final Duration PAUSE = Duration.ofMillis(500);

    /** In how many portions a refresh is done; the rest of its time is reserve. */
    private static final int PORTIONS = 32;

    private static final double RESERVE = 0.2;
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final RedisMembers redis;
    private final PresenceMetrics metrics;
    private final Duration refresh;
    private final List<Consumer<PresenceChange>> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "presence"));

    // Owned by the thread.
    private final PresenceHealth health = new PresenceHealth();
    private final Map<ChannelName, OwnMembers> own = new HashMap<>();
    private final ArrayDeque<OwnMembers> due = new ArrayDeque<>();
    private int underWay;
    private long batches;
    private final AtomicInteger untold = new AtomicInteger();
    private @Nullable PresenceRound round;
    private int portions;
    private long nextRoundNanos = System.nanoTime();
    private @Nullable CountDownLatch allTold;

    /** @param ttl after what time without a word the members of a node are gone */
    RedisPresence(RedisMembers redis, Duration ttl, PresenceMetrics metrics) {
        this.redis = redis;
        this.metrics = metrics;
        this.refresh = ttl.dividedBy(3);
        thread.setRemoveOnCancelPolicy(true);
        thread.prestartCoreThread();
        long portion = Math.max(1, (long) (refresh.toMillis() * (1 - RESERVE)) / PORTIONS);
        thread.scheduleWithFixedDelay(this::refresh, portion, portion, TimeUnit.MILLISECONDS);
    }

    @Override
    public Mono<Void> enter(ChannelName channel, Member member) {
        return Mono.create(done -> execute(done, () -> {
            OwnMembers members = own.computeIfAbsent(channel, name -> new OwnMembers(name, batches, untold));
            int before = members.count();
            members.enter(member, done);
            metrics.members(members.count() - before);
            tell(members);
        }));
    }

    @Override
    public Mono<Void> leave(ChannelName channel, String connection) {
        return Mono.create(done -> execute(done, () -> {
            OwnMembers members = own.get(channel);
            if (members == null || !members.leave(connection, done)) {
                done.success();
                return;
            }
            metrics.members(-1);
            tell(members);
        }));
    }

    @Override
    public Mono<PresencePage> members(ChannelName channel, int limit) {
        return redis.read(channel, limit).doOnError(failure -> metrics.readFailed());
    }

    @Override
    public void listen(Consumer<PresenceChange> listener) {
        listeners.add(listener);
    }

    private void execute(MonoSink<Void> done, Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException closed) {
            done.error(new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "this node is stopping"));
        }
    }

    /** Back on the thread with an answer; after the end nobody is interested. */
    private void answered(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException closed) {
            log.debug("presence.answered_too_late");
        }
    }

    private void tell(OwnMembers members) {
        if (members.isDue() && !members.isBusy()) {
            members.setBusy(true);
            due.add(members);
        }
        tellNext();
    }

    private void tellNext() {
        while (underWay < MOST_UNDER_WAY && !due.isEmpty()) {
            OwnMembers members = due.remove();
            OwnMembers.Batch batch = members.next();
            underWay++;
            long number = ++batches;
            int mostExpired = health.mayExpire() ? MOST_EXPIRED : 0;
            redis.write(members.channel(), number, members.read(), batch.present(), batch.absent(), mostExpired)
                    .subscribe(
                            changes -> answered(() -> told(members, number, batch, changes)),
                            failure -> answered(() -> failed(members, batch, failure)));
        }
        if (allTold != null && underWay == 0) {
            allTold.countDown();
        }
    }

    private void told(OwnMembers members, long number, OwnMembers.Batch batch, List<RedisMembers.Change> changes) {
        members.read(number);
        batch.waiting().forEach(MonoSink::success);
        int expired = 0;
        for (RedisMembers.Change change : changes) {
            announce(new PresenceChange(members.channel(), change.came(), change.member()));
            expired += change.expired() ? 1 : 0;
        }
        metrics.expired(expired);
        if (expired >= MOST_EXPIRED) {
            members.repeat(List.of()); // there may be more of them
        }
        underWay--;
        goOn(members);
    }

    /** It may have been done all the same: the next batch gets to know. */
    private void failed(OwnMembers members, OwnMembers.Batch batch, Throwable failure) {
        health.failed(failure);
        metrics.writeFailed();
        batch.waiting().forEach(done -> done.error(failure));
        members.repeat(List.of());
        members.repeatAbsent(batch.absent(), MOST_UNTOLD);
        underWay--;
        thread.schedule(() -> goOn(members), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        tellNext();
    }

    private void goOn(OwnMembers members) {
        members.setBusy(false);
        if (members.isGone()) {
            own.remove(members.channel());
        }
        tell(members);
    }

    private void announce(PresenceChange change) {
        for (Consumer<PresenceChange> listener : listeners) {
            try {
                listener.accept(change);
            } catch (RuntimeException failure) {
                log.atError()
                        .setCause(failure)
                        .addKeyValue("channel", change.channel())
                        .log("presence.listener_failed");
            }
        }
    }

    /** One portion of a refresh. */
    private void refresh() {
        try {
            if (round == null && System.nanoTime() - nextRoundNanos >= 0) {
                nextRoundNanos = System.nanoTime() + refresh.toNanos();
                round = new PresenceRound(own.values());
                portions = PORTIONS;
            }
            if (round != null) {
                repeat(round, round.share(portions--));
            }
        } catch (RuntimeException failure) { // a timer that throws is not run again
            log.error("presence.refresh_failed", failure);
        }
    }

    private void repeat(PresenceRound current, int steps) {
        for (int i = 0; i < Math.max(1, steps) && due.size() < MOST_UNDER_WAY; i++) {
            OwnMembers members = current.step();
            if (members == null) {
                round = null;
                health.roundOver();
                return;
            }
            tell(members);
        }
    }

    /** Waits for a moment until Redis knows who has left. */
    @Override
    public void close() {
        CountDownLatch told = new CountDownLatch(1);
        try {
            thread.execute(() -> {
                allTold = told;
                tellNext();
            });
            if (!told.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("presence.closed_early");
            }
        } catch (RejectedExecutionException again) {
            log.debug("presence.closed_again");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            thread.shutdownNow();
        }
    }
}
