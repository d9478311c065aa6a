package dev.starling.channel;

import dev.starling.broker.Broker;
import dev.starling.broker.PresenceProperties;
import dev.starling.broker.PresenceStore;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.RequestId;
import dev.starling.protocol.ServerFrame;
import dev.starling.setting.ChannelRules;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/**
 * Who is in which channel, over all nodes, in the channels that keep it ({@code starling.channels[n].presence}): each
 * connection that is subscribed, so that a user with two of them is there twice. Where the channel asks for it
 * ({@code join-leave}), all its subscribers are told who comes and goes, at most once. No method blocks, and all may be called
 * by any thread; what is to be in order for one connection has to come from one.
 */
@Component
public final class Presence {

    private static final Logger log = LoggerFactory.getLogger(Presence.class);

    private final PresenceStore store;
    private final Broker broker;
    private final ChannelRules rules;
    private final PresenceReads reads;
    private final ChangeRate rate;
    private final PresenceCounts counts;

    Presence(
            PresenceStore store,
            Broker broker,
            ChannelRules rules,
            PresenceProperties properties,
            MeterRegistry registry) {
        this.store = store;
        this.broker = broker;
        this.rules = rules;
        this.reads = new PresenceReads(store, properties.maxMembers());
        this.rate = new ChangeRate(properties.maxChangesPerSecond(), System::nanoTime);
        this.counts = new PresenceCounts(registry);
        store.listen(this::announce);
    }

    /** Whether the channel says who is in it. */
    public boolean isKept(ChannelName channel) {
        return rules.of(channel).presence();
    }

    /**
     * A connection is subscribed to a channel that keeps presence. What the store can't take now it gets later by itself.
     *
     * @param user whose connection it is
     * @param connection its name, as in its {@code welcome}
     */
    public void enter(ChannelName channel, String user, String connection) {
        finish(channel, store.enter(channel, new Member(user, connection, System.currentTimeMillis())));
    }

    /** A connection is not subscribed any more, however that came. What the store can't take now expires there. */
    public void leave(ChannelName channel, String connection) {
        finish(channel, store.leave(channel, connection));
    }

    /** Nobody waits for it. The store counts and repairs what it could not do; anything else is a fault of ours. */
    private static void finish(ChannelName channel, Mono<Void> change) {
        change.subscribe(done -> {}, failure -> {
            if (!(failure instanceof RefusedException)) {
                log.atError().setCause(failure).addKeyValue("channel", channel).log("presence.change_failed");
            }
        });
    }

    /**
     * The answer to who is in a channel: how many, and the first of them. Fails with {@link ErrorCode#FORBIDDEN} where that is
     * not kept, or with {@link ErrorCode#BROKER_UNAVAILABLE}.
     */
    public Mono<ServerFrame.Presence> read(@Nullable RequestId id, ChannelName channel) {
        if (!isKept(channel)) {
            return Mono.error(() -> new RefusedException(ErrorCode.FORBIDDEN, "this channel keeps no presence"));
        }
        return reads.read(channel).map(page -> new ServerFrame.Presence(id, channel, page.count(), page.members()));
    }

    private void announce(PresenceChange change) {
        if (!rules.of(change.channel()).joinLeave()) {
            return;
        }
        if (!rate.take(change.channel())) {
            counts.tooMany();
            return;
        }
        broker.announce(change).subscribe(done -> {}, failure -> counts.refused(), counts::told);
    }
}
