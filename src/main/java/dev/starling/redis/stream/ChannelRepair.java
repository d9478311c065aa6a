package dev.starling.redis.stream;

import dev.starling.broker.HistoryPage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.link.RedisSubscriptions;
import dev.starling.setting.HistoryLimits;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Reads for the channels of this node what they missed: paced, and ever more seldom where that fails. Any thread may call. */
final class ChannelRepair {

    private static final long FIRST_DELAY_MILLIS = 50;
    private static final long LONGEST_DELAY_MILLIS = 5_000;

    private final RedisSubscriptions subscriptions;
    private final RedisStreams streams;
    private final RepairProperties properties;
    private final LaneMetrics metrics;
    private final Scheduler timer;
    private final HistoryReads reads;

    /** @param timer for what has to wait; its threads are not blocked */
    ChannelRepair(
            RedisSubscriptions subscriptions,
            RedisStreams streams,
            RepairProperties properties,
            LaneMetrics metrics,
            Scheduler timer) {
        this.subscriptions = subscriptions;
        this.streams = streams;
        this.properties = properties;
        this.metrics = metrics;
        this.timer = timer;
        this.reads = new HistoryReads(properties.repairReads(), properties.repairSpread(), timer);
    }

    /** Whether trying again may help: else the channel will be confirmed anew. */
    boolean isUp(String key) {
        return subscriptions.isUp(key);
    }

    int bufferBytes() {
        return (int) properties.repairBuffer().toBytes();
    }

    LaneMetrics metrics() {
        return metrics;
    }

    /** Reads that wait for their turn. */
    int waiting() {
        return reads.waiting();
    }

    /** A channel that was heard before is heard again. */
    void afterOutage() {
        reads.holdOff();
    }

    /**
     * Runs {@code start} when it may read, or begin a new epoch; it is followed by one {@link #done}.
     *
     * @param fruitless how often in a row that was in vain, for this channel
     * @param isRepair whether nobody waits for it
     */
    void begin(int fruitless, boolean isRepair, Runnable start) {
        if (fruitless == 0) {
            reads.begin(start, isRepair);
        } else {
            timer.schedule(() -> reads.begin(start, isRepair), delayMillis(fruitless), TimeUnit.MILLISECONDS);
        }
    }

    private static long delayMillis(int fruitless) {
        long bound = Math.min(LONGEST_DELAY_MILLIS, FIRST_DELAY_MILLIS << Math.min(fruitless - 1, 10));
        return ThreadLocalRandom.current().nextLong(bound / 2, bound + 1);
    }

    void done() {
        reads.done();
    }

    /** Reads the page from {@code last} on; if that is null the position, with the message that is there as long as it is kept. */
    Mono<HistoryPage> read(ChannelName channel, HistoryLimits limits, @Nullable StreamPosition last) {
        if (last == null) {
            return streams.read(channel, new HistoryLimits(1, limits.timeToLive()), null, 1, Long.MAX_VALUE);
        }
        metrics.repairRead();
        return streams.follow(channel, limits, last, properties.repairPage(), bufferBytes());
    }

    /** Begins a new epoch in place of the one that was seen. */
    Mono<StreamPosition> restart(ChannelName channel, HistoryLimits limits, StreamPosition seen) {
        return streams.restart(channel, limits, seen);
    }

    void failed(ChannelName channel, Throwable failure) {
        metrics.repairFailed(channel, failure);
    }
}
