package dev.starling.broker;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The refusals of the one node that there is. They are changed under the lock of this. */
final class InMemoryRevocations implements Revocations {

    private final RefusalTable table;
    private final int most;

    /** @param most how many there may be */
    InMemoryRevocations(RefusalTable table, int most) {
        this.table = table;
        this.most = most;
    }

    @Override
    public Mono<Void> refuse(Refusal refusal) {
        return Mono.fromRunnable(() -> {
            table.validate(refusal);
            put(refusal);
        });
    }

    private synchronized void put(Refusal refusal) {
        if (table.size() >= most && table.all().size() >= most && !table.knows(refusal.kind(), refusal.subject())) {
            throw new RefusedException(ErrorCode.BROKER_UNAVAILABLE, "there are as many refusals as there may be");
        }
        table.put(refusal);
    }

    @Override
    public Mono<Void> lift(Refusal.Kind kind, String subject) {
        return Mono.fromRunnable(() -> table.remove(kind, subject));
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
}
