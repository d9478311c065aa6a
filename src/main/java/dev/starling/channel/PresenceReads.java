package dev.starling.channel;

import dev.starling.broker.PresencePage;
import dev.starling.broker.PresenceStore;
import dev.starling.protocol.ChannelName;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Reads of who is in a channel, of which there is one at a time: all who ask while one is under way share the next, so each
 * gets an answer that is not older than the question, and the store is not asked more often because more ask. Any thread may.
 */
final class PresenceReads {

    private final PresenceStore store;
    private final int limit;
    private final ConcurrentMap<ChannelName, Turn> turns = new ConcurrentHashMap<>();

    /** @param limit the most members that a read names */
    PresenceReads(PresenceStore store, int limit) {
        this.store = store;
        this.limit = limit;
    }

    private record Turn(
            Mono<PresencePage> underWay, @Nullable Mono<PresencePage> next) {
        Mono<PresencePage> last() {
            return next == null ? underWay : next;
        }
    }

    /** Who is there. */
    Mono<PresencePage> read(ChannelName channel) {
        return Mono.defer(() -> {
            Turn turn = turns.compute(
                    channel,
                    (key, now) -> now == null
                            ? new Turn(start(key, Mono.empty()), null)
                            : now.next == null ? new Turn(now.underWay, start(key, now.underWay)) : now);
            return turn.last();
        });
    }

    private Mono<PresencePage> start(ChannelName channel, Mono<PresencePage> before) {
        return before.then()
                .onErrorComplete()
                .then(Mono.defer(() -> store.members(channel, limit)))
                .doOnTerminate(() -> over(channel))
                .cache();
    }

    private void over(ChannelName channel) {
        turns.computeIfPresent(channel, (key, turn) -> turn.next == null ? null : new Turn(turn.next, null));
    }
}
