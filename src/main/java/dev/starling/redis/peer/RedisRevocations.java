package dev.starling.redis.peer;

import dev.starling.broker.Refusal;
import dev.starling.broker.RefusalTable;
import dev.starling.broker.Revocations;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.redis.link.RedisInbox;
import dev.starling.redis.link.UnreadableEnvelopeException;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The refusals of all nodes that share a Redis. Each change is published; who missed one sees by the version that comes with each heartbeat
 * that there is more to know, and reads all. If Redis has lost them, each node puts back what it knows. All that is not the
 * table is owned by the loop of the inbox.
 */
final class RedisRevocations implements Revocations, RedisInbox.Receiver {

    private static final Logger log = LoggerFactory.getLogger(RedisRevocations.class);

    private final RefusalStore store;
    private final RefusalTable table;
    private final RedisInbox inbox;
    private RefusalStore.@Nullable Version known;
    private boolean catchingUp;

    RedisRevocations(RefusalStore store, RefusalTable table, RedisInbox inbox) {
        this.store = store;
        this.table = table;
        this.inbox = inbox;
    }

    @Override
    public Mono<Void> refuse(Refusal refusal) {
        return Mono.defer(() -> {
            table.validate(refusal);
            return change(refusal);
        });
    }

    @Override
    public Mono<Void> lift(Refusal.Kind kind, String subject) {
        return Mono.defer(() -> change(new Refusal(kind, subject, 0)));
    }

    private Mono<Void> change(Refusal refusal) {
        return store.change(refusal)
                .switchIfEmpty(Mono.error(() -> new RefusedException(
                        ErrorCode.BROKER_UNAVAILABLE, "there are as many refusals as there may be")))
                .flatMap(change -> inbox.then(() -> changed(change)));
    }

    @Override
    public boolean isRefused(@Nullable String user, @Nullable String tokenId) {
        return table.isRefused(user, tokenId);
    }

    @Override
    public List<Refusal> refusals() {
        return table.all();
    }

    @Override
    public void listen(Consumer<Refusal> listener) {
        table.listen(listener);
    }

    @Override
    public void heard(byte[] envelope) throws UnreadableEnvelopeException {
        RefusalStore.Change change = RefusalStore.decode(envelope);
        boolean missedSome =
                !change.version().equals(known) && !change.version().follows(known);
        changed(change);
        if (missedSome) {
            seen(change.version());
        }
    }

    @Override
    public void confirmed() {
        // What was missed before shows with the next heartbeat.
    }

    /** Of this node, or of another one; the answer to its own may come before it hears of it, or after. */
    private void changed(RefusalStore.Change change) {
        RefusalStore.Version version = change.version();
        if (known != null && (version.equals(known) || known.isAfter(version))) {
            return;
        }
        Refusal refusal = change.refusal();
        if (change.isLift()) {
            table.remove(refusal.kind(), refusal.subject());
        } else {
            table.put(refusal);
        }
        if (version.follows(known)) {
            known = version;
        }
    }

    /** Redis has this version. On the loop. */
    void seen(RefusalStore.@Nullable Version there) {
        if (catchingUp || Objects.equals(there, known)) {
            return;
        }
        List<Refusal> lost = there != null && there.isAfter(known) ? List.of() : table.all();
        if (there == null && lost.isEmpty()) {
            known = null;
            return;
        }
        catchingUp = true;
        store.restore(lost)
                .then(store.read())
                .subscribe(
                        snapshot -> inbox.loop().execute(() -> caughtUp(snapshot)),
                        failure -> inbox.loop().execute(() -> failed(failure)));
    }

    private void caughtUp(RefusalStore.Snapshot snapshot) {
        catchingUp = false;
        if (known != null && snapshot.version() != null && known.isAfter(snapshot.version())) {
            return; // what was heard meanwhile follows it
        }
        known = snapshot.version();
        table.replace(snapshot.refusals());
    }

    /** The next heartbeat leads here again. */
    private void failed(Throwable failure) {
        catchingUp = false;
        log.atDebug().addKeyValue("reason", failure.getMessage()).log("refusals.unread");
    }
}
