package dev.starling.redis.stream;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Hole;
import dev.starling.protocol.Restart;
import dev.starling.redis.link.UnreadableEnvelopeException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** What went wrong on the way from Redis to the lanes, as meters and as log events: of each kind one a minute at most. Thread-safe. */
final class LaneMetrics {

    private static final Logger log = LoggerFactory.getLogger(LaneMetrics.class);
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final MeterRegistry registry;
    private final LongAdder dropped = new LongAdder();
    private final LongAdder foreign = new LongAdder();
    private final LongAdder newer = new LongAdder();
    private final LongAdder repairs = new LongAdder();
    private final LongAdder repairFailures = new LongAdder();
    private final LongAdder missing = new LongAdder();
    private final LongAdder restarts = new LongAdder();
    private final AtomicLong droppedLogged = quietUntilNow();
    private final AtomicLong foreignLogged = quietUntilNow();
    private final AtomicLong newerLogged = quietUntilNow();
    private final AtomicLong repairFailuresLogged = quietUntilNow();

    LaneMetrics(MeterRegistry registry) {
        this.registry = registry;
        count("ws.broker.dropped", dropped, "Messages dropped because a lane was full");
        count("ws.broker.repairs", repairs, "Reads of the history for messages that this node may have missed");
        count("ws.broker.repairs.failed", repairFailures, "Reads of the history that failed");
        count("ws.broker.missing", missing, "Messages that this node missed and the history had no more");
        count("ws.broker.restarts", restarts, "Channels whose history was another one than before");
        unreadable("foreign", foreign);
        unreadable("newer", newer);
    }

    private static AtomicLong quietUntilNow() {
        return new AtomicLong(System.nanoTime() - QUIET_NANOS);
    }

    private void count(String name, LongAdder adder, String description) {
        FunctionCounter.builder(name, adder, LongAdder::sum)
                .description(description)
                .register(registry);
    }

    private void unreadable(String reason, LongAdder adder) {
        FunctionCounter.builder("ws.broker.unreadable", adder, LongAdder::sum)
                .tag("reason", reason)
                .description("Messages from Redis that this node can't read: of a newer node, or not of ours")
                .register(registry);
    }

    /** Begins to show how much waits. */
    void gauges(List<Lane> lanes, ChannelRepair repair) {
        Gauge.builder(
                        "ws.broker.waiting",
                        lanes,
                        all -> all.stream().mapToInt(Lane::waiting).sum())
                .description("Messages from Redis that wait in the lanes")
                .strongReference(true) // nobody else keeps this list
                .register(registry);
        Gauge.builder("ws.broker.repairs.waiting", repair, ChannelRepair::waiting)
                .description("Reads of the history that wait for their turn")
                .register(registry);
    }

    /** A lane had no room for a message. */
    void dropped() {
        dropped.increment();
        warn(droppedLogged, "broker.dropped", dropped);
    }

    /** Something came that is no envelope of this version. */
    void unreadable(ChannelName channel, UnreadableEnvelopeException failure) {
        LongAdder count = failure.isNewer() ? newer : foreign;
        count.increment();
        AtomicLong last = failure.isNewer() ? newerLogged : foreignLogged;
        if (isTime(last)) {
            log.atWarn()
                    .addKeyValue("channel", channel)
                    .addKeyValue("reason", failure.getMessage())
                    .addKeyValue("total", count.sum())
                    .log("broker.unreadable");
        }
    }

    /** Messages of a newer node so far. */
    long newerEnvelopes() {
        return newer.sum();
    }

    /** Messages so far that no node can have sent. */
    long foreignEnvelopes() {
        return foreign.sum();
    }

    /** The history is read for what may be missing. */
    void repairRead() {
        repairs.increment();
    }

    /** That, or the read for a subscription, failed. */
    void repairFailed(ChannelName channel, Throwable failure) {
        repairFailures.increment();
        if (isTime(repairFailuresLogged)) {
            log.atWarn()
                    .addKeyValue("channel", channel)
                    .addKeyValue("reason", failure.toString())
                    .addKeyValue("total", repairFailures.sum())
                    .log("broker.history_unread");
        }
    }

    /** Subscribers were told of a loss. */
    void lost(Arrival arrival) {
        if (arrival instanceof Hole hole) {
            missing.add(hole.to() - hole.from() + 1);
        } else if (arrival instanceof Restart restart && !restart.recovered()) {
            restarts.increment();
        }
    }

    private static void warn(AtomicLong last, String event, LongAdder total) {
        if (isTime(last)) {
            LoggingEventBuilder warning = log.atWarn().addKeyValue("total", total.sum());
            warning.log(event);
        }
    }

    private static boolean isTime(AtomicLong last) {
        long now = System.nanoTime();
        long then = last.get();
        return now - then >= QUIET_NANOS && last.compareAndSet(then, now);
    }
}
