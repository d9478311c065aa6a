package dev.starling.redis.presence;

import dev.starling.broker.PresencePage;
import dev.starling.broker.PresenceStore;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.RefusedException;
import java.time.Duration;
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
 * each master of a few channels at a time, and of one channel only when the last was answered, so however many connections
 * come and go at once, publishing is not held up. Within each third of the time to live it says of all members once more that they are
 * here, evenly spread: so they come back by themselves if Redis has lost them, and those of a node that died do not stay.
 */
final class RedisPresence implements PresenceStore, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RedisPresence.class);

    private static final int MOST_EXPIRED = RedisMembers.BATCH;

    /** The most that have left and that Redis could not be told of; more of them expire there. */
    static final int MOST_UNTOLD = 10_000;

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
    private final Map<String, PresenceQueue> queues = new HashMap<>();
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
            OwnMembers members = own.computeIfAbsent(channel, this::begin);
            int before = members.count();
            members.enter(member, done);
            metrics.members(members.count() - before);
            tell(members);
        }));
    }

    private OwnMembers begin(ChannelName channel) {
        metrics.channels(1);
        return new OwnMembers(channel, batches, untold);
    }

    @Override
    public Mono<Void> leave(ChannelName channel, String connection) {
        return Mono.create(done -> execute(done, () -> {
            OwnMembers members = own.get(channel);
            if (members == null) {
                done.success();
            } else if (untold.get() >= MOST_UNTOLD && isFailing(members)) {
                forget(members, connection);
                done.success();
            } else if (members.leave(connection, done)) {
                metrics.members(-1);
                tell(members);
            } else {
                done.success();
            }
        }));
    }

    private void forget(OwnMembers members, String connection) {
        if (!members.forget(connection)) {
            return;
        }
        metrics.members(-1);
        metrics.forgotten(1);
        PresenceQueue queue = queueOf(members);
        if (members.count() == 0 && !members.isDue() && queue != null && queue.remove(members)) {
            members.setBusy(false);
            end(members);
        }
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

    private @Nullable PresenceQueue queueOf(OwnMembers members) {
        return queues.get(redis.owner(members.channel()));
    }

    private boolean isFailing(OwnMembers members) {
        PresenceQueue queue = queueOf(members);
        return queue != null && queue.isFailing();
    }

    private void tell(OwnMembers members) {
        PresenceQueue queue = queues.computeIfAbsent(redis.owner(members.channel()), master -> new PresenceQueue());
        if (members.isDue() && !members.isBusy()) {
            members.setBusy(true);
            queue.add(members);
        }
        tellNext(queue);
    }

    private void tellNext(PresenceQueue queue) {
        while (queue.hasNext()) {
            OwnMembers members = queue.next();
            OwnMembers.Batch batch = members.next();
            long number = ++batches;
            int mostExpired = health.mayExpire() ? MOST_EXPIRED : 0;
            redis.write(members.channel(), number, members.read(), batch.present(), batch.absent(), mostExpired)
                    .subscribe(
                            changes -> answered(() -> told(queue, members, number, batch, changes)),
                            failure -> answered(() -> failed(queue, members, batch, failure)));
        }
        if (queue.isIdle()) {
            queues.values().remove(queue);
        }
        if (allTold != null && queues.isEmpty()) {
            allTold.countDown();
        }
    }

    private void told(
            PresenceQueue queue,
            OwnMembers members,
            long number,
            OwnMembers.Batch batch,
            List<RedisMembers.Change> changes) {
        members.read(number);
        int expired = 0;
        for (RedisMembers.Change change : changes) {
            announce(new PresenceChange(members.channel(), change.came(), change.member()));
            expired += change.expired() ? 1 : 0;
        }
        metrics.expired(expired);
        batch.waiting().forEach(MonoSink::success);
        if (expired >= MOST_EXPIRED && !members.isDue()) {
            members.repeat(List.of()); // there may be more of them
        }
        queue.answered(false);
        goOn(members);
        tellNext(queue);
    }

    private void failed(PresenceQueue queue, OwnMembers members, OwnMembers.Batch batch, Throwable failure) {
        health.failed(failure);
        metrics.writeFailed();
        batch.waiting().forEach(done -> done.error(failure));
        metrics.forgotten(members.failed(batch.absent(), MOST_UNTOLD));
        queue.answered(true);
        if (allTold == null) { // else there is no time to try again
            queue.pause(members);
            thread.schedule(() -> resume(queue, members), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
        tellNext(queue);
    }

    private void resume(PresenceQueue queue, OwnMembers members) {
        if (queue.resume(members)) {
            goOn(members);
            tellNext(queue);
        }
    }

    private void goOn(OwnMembers members) {
        members.setBusy(false);
        if (members.isGone()) {
            end(members);
        } else {
            tell(members);
        }
    }

    private void end(OwnMembers members) {
        own.remove(members.channel());
        metrics.channels(-1);
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
                round = new PresenceRound(own.values(), this::isSpared);
                portions = PORTIONS;
            }
            if (round != null) {
                repeat(round, round.share(portions--));
            }
        } catch (RuntimeException failure) { // a timer that throws is not run again
            log.error("presence.refresh_failed", failure);
        }
    }

    /** What was not written of the last round is enough, and a master that fails has to answer what it is told already. */
    private boolean isSpared(OwnMembers members) {
        return members.isRepeating() || isFailing(members);
    }

    private void repeat(PresenceRound current, int steps) {
        for (int i = 0; i < Math.max(1, steps); i++) {
            OwnMembers members = current.step();
            if (members == null) {
                round = null;
                health.roundOver(queues.values().stream().anyMatch(PresenceQueue::isFailing));
                return;
            }
            tell(members);
            PresenceQueue queue = queueOf(members);
            if (queue != null && queue.isCrowded()) {
                return;
            }
        }
    }

    /** Waits for a moment until Redis knows who has left. */
    @Override
    public void close() {
        CountDownLatch told = new CountDownLatch(1);
        try {
            thread.execute(() -> {
                allTold = told;
                List.copyOf(queues.values())
                        .forEach(queue -> queue.paused().forEach(members -> resume(queue, members)));
                if (queues.isEmpty()) {
                    told.countDown();
                }
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
