package dev.starling.channel;

import dev.starling.broker.FreshBroker;
import dev.starling.broker.PresencePage;
import dev.starling.broker.PresenceStore;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A store in memory whose answers to who is there come when a test says so, and that can refuse. */
final class SlowPresence implements PresenceStore {

    private final PresenceStore store = FreshBroker.presence();
    private final List<Sinks.One<PresencePage>> reads = new CopyOnWriteArrayList<>();
    private volatile Mono<Void> change = Mono.empty();

    /** The reads that it was asked for, each to be answered once. */
    List<Sinks.One<PresencePage>> reads() {
        return reads;
    }

    /** What comes before each change. */
    void before(Mono<Void> first) {
        change = first;
    }

    @Override
    public Mono<Void> enter(ChannelName channel, Member member) {
        return change.then(store.enter(channel, member));
    }

    @Override
    public Mono<Void> leave(ChannelName channel, String connection) {
        return change.then(store.leave(channel, connection));
    }

    @Override
    public Mono<PresencePage> members(ChannelName channel, int limit) {
        return Mono.defer(() -> {
            Sinks.One<PresencePage> read = Sinks.one();
            reads.add(read);
            return read.asMono();
        });
    }

    @Override
    public void listen(Consumer<PresenceChange> listener) {
        store.listen(listener);
    }
}
