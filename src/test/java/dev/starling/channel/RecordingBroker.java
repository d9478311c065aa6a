package dev.starling.channel;

import dev.starling.broker.Broker;
import dev.starling.broker.FreshBroker;
import dev.starling.broker.HistoryPage;
import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.StreamPosition;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A broker in memory that writes down who asked for what, and subscribes as slowly or badly as a test wants. */
final class RecordingBroker implements Broker {

    private final Broker broker = FreshBroker.inMemory();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private volatile Supplier<Mono<StreamPosition>> subscribing = Mono::empty;
    private volatile Supplier<Mono<Void>> unsubscribing = Mono::empty;
    private volatile Supplier<Mono<Void>> announcing = Mono::empty;

    /** What later subscribes return. */
    void onSubscribe(Supplier<Mono<StreamPosition>> result) {
        subscribing = result;
    }

    /** What later unsubscribes return. */
    void onUnsubscribe(Supplier<Mono<Void>> result) {
        unsubscribing = result;
    }

    /** What later announcements wait for. */
    void onAnnounce(Supplier<Mono<Void>> result) {
        announcing = result;
    }

    /** Such as {@code +chat} and {@code -chat}. */
    List<String> calls() {
        return calls;
    }

    @Override
    public Mono<StreamPosition> subscribe(ChannelName channel) {
        calls.add("+" + channel);
        return subscribing.get();
    }

    @Override
    public Mono<Void> unsubscribe(ChannelName channel) {
        calls.add("-" + channel);
        return unsubscribing.get();
    }

    @Override
    public boolean keepsHistory(ChannelName channel) {
        return broker.keepsHistory(channel);
    }

    @Override
    public Mono<StreamPosition> publish(ChannelName channel, byte[] data, @Nullable String key) {
        return broker.publish(channel, data, key);
    }

    @Override
    public Mono<HistoryPage> historyBefore(
            ChannelName channel, @Nullable StreamPosition before, int limit, long maxBytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<HistoryPage> history(ChannelName channel, @Nullable StreamPosition since, int limit, long maxBytes) {
        return broker.history(channel, since, limit, maxBytes);
    }

    @Override
    public Mono<Void> announce(PresenceChange change) {
        return announcing.get().then(broker.announce(change));
    }

    @Override
    public List<Flux<Arrival>> lanes() {
        return broker.lanes();
    }
}
