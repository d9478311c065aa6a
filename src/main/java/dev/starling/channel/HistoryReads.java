package dev.starling.channel;

import dev.starling.broker.Broker;
import dev.starling.broker.HistoryPage;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.StreamPosition;
import java.util.Comparator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import reactor.core.publisher.Mono;

/**
 * Reads of histories that many want at once, as after the restart of a node or of its broker: whoever asks for the same while
 * a read is under way shares it. Any thread may ask.
 */
final class HistoryReads {

    private record Wanted(ChannelName channel, StreamPosition since) implements Comparable<Wanted> {

        private static final Comparator<Wanted> ORDER = Comparator.comparing(Wanted::channel)
                .thenComparing(wanted -> wanted.since().epoch())
                .thenComparing(wanted -> wanted.since().offset());

        @Override
        public int compareTo(Wanted other) {
            return ORDER.compare(this, other);
        }
    }

    private final Broker broker;
    private final RecoveryProperties limits;
    private final ConcurrentMap<Wanted, Mono<HistoryPage>> underWay = new ConcurrentHashMap<>();

    /** @param limits what one read brings at most; more is of no use to anybody who recovers */
    HistoryReads(Broker broker, RecoveryProperties limits) {
        this.broker = broker;
        this.limits = limits;
    }

    /** What a channel has after {@code since}; the read began at most one read's time ago. */
    Mono<HistoryPage> read(ChannelName channel, StreamPosition since) {
        Wanted wanted = new Wanted(channel, since);
        return Mono.defer(() -> underWay.computeIfAbsent(wanted, this::start));
    }

    /** It is under way no more before anyone learns of its end: who asks then gets a read that begins then. */
    private Mono<HistoryPage> start(Wanted wanted) {
        return Mono.defer(() -> broker.history(
                        wanted.channel(),
                        wanted.since(),
                        limits.maxMessages(),
                        limits.maxBytes().toBytes()))
                .doOnTerminate(() -> underWay.remove(wanted))
                .cache();
    }
}
