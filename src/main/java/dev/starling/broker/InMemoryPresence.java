package dev.starling.broker;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Who is where on the one node that there is. The members of a channel are touched under the map's lock of its name only. */
final class InMemoryPresence implements PresenceStore {

    private static final int USUAL_MEMBERS = 2;

    private final ConcurrentMap<ChannelName, Map<String, Member>> channels = new ConcurrentHashMap<>();
    private final List<Consumer<PresenceChange>> listeners = new CopyOnWriteArrayList<>();

    @Override
    public Mono<Void> enter(ChannelName channel, Member member) {
        return Mono.fromRunnable(() -> {
            boolean[] joined = new boolean[1];
            channels.compute(channel, (key, known) -> {
                Map<String, Member> members = known == null ? new LinkedHashMap<>(USUAL_MEMBERS) : known;
                joined[0] = members.put(member.connection(), member) == null;
                return members;
            });
            if (joined[0]) {
                tell(new PresenceChange(channel, true, member));
            }
        });
    }

    @Override
    public Mono<Void> leave(ChannelName channel, String connection) {
        return Mono.fromRunnable(() -> {
            @Nullable Member[] left = new Member[1];
            channels.computeIfPresent(channel, (key, members) -> {
                left[0] = members.remove(connection);
                return members.isEmpty() ? null : members;
            });
            if (left[0] != null) {
                tell(new PresenceChange(channel, false, left[0]));
            }
        });
    }

    private void tell(PresenceChange change) {
        listeners.forEach(listener -> listener.accept(change));
    }

    @Override
    public Mono<PresencePage> members(ChannelName channel, int limit) {
        return Mono.fromSupplier(() -> {
            PresencePage[] page = {PresencePage.EMPTY};
            channels.computeIfPresent(channel, (key, members) -> {
                page[0] = new PresencePage(
                        members.size(), members.values().stream().limit(limit).toList());
                return members;
            });
            return page[0];
        });
    }

    @Override
    public void listen(Consumer<PresenceChange> listener) {
        listeners.add(listener);
    }
}
