package dev.starling.broker;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The refusals that this node knows. Any thread may look up and list; only one at a time may change them. */
public final class RefusalTable {

    private static final Logger log = LoggerFactory.getLogger(RefusalTable.class);
    private static final Duration LONGEST = Duration.ofDays(30);

    private final InstantSource clock;
    private final ConcurrentMap<String, Long> users = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Long> tokens = new ConcurrentHashMap<>();
    private final List<Consumer<Refusal>> listeners = new CopyOnWriteArrayList<>();

    public RefusalTable(InstantSource clock) {
        this.clock = clock;
    }

    /** @throws IllegalArgumentException if it is over, or holds for more than 30 days */
    public void validate(Refusal refusal) {
        long now = clock.millis();
        if (refusal.untilMillis() <= now || refusal.untilMillis() - now > LONGEST.toMillis()) {
            throw new IllegalArgumentException(
                    "a refusal until " + refusal.untilMillis() + " must be for up to 30 days from now");
        }
    }

    /** See {@link Revocations#isRefused}. Allocates nothing. */
    public boolean isRefused(@Nullable String user, @Nullable String tokenId) {
        return holds(users, user) || holds(tokens, tokenId);
    }

    private boolean holds(Map<String, Long> until, @Nullable String subject) {
        Long end = subject == null || until.isEmpty() ? null : until.get(subject);
        return end != null && end > clock.millis();
    }

    /** Whether there is one about this subject. */
    public boolean knows(Refusal.Kind kind, String subject) {
        return of(kind).containsKey(subject);
    }

    /** Takes one in, and tells the listeners if it is news. */
    public void put(Refusal refusal) {
        if (refusal.untilMillis() > clock.millis()) {
            Long before = of(refusal.kind()).put(refusal.subject(), refusal.untilMillis());
            if (before == null || before <= clock.millis()) {
                tell(refusal);
            }
        }
    }

    private void tell(Refusal refusal) {
        for (Consumer<Refusal> listener : listeners) {
            try {
                listener.accept(refusal);
            } catch (RuntimeException failure) {
                log.atError().setCause(failure).log("refusals.listener_failed");
            }
        }
    }

    /** Takes one out. */
    public void remove(Refusal.Kind kind, String subject) {
        of(kind).remove(subject);
    }

    /** Has exactly these from now on. */
    public void replace(Collection<Refusal> refusals) {
        Map<Refusal.Kind, Map<String, Long>> kept = new EnumMap<>(Refusal.Kind.class);
        for (Refusal.Kind kind : Refusal.Kind.values()) {
            kept.put(kind, new HashMap<>());
        }
        refusals.forEach(refusal ->
                Objects.requireNonNull(kept.get(refusal.kind())).put(refusal.subject(), refusal.untilMillis()));
        kept.forEach((kind, subjects) -> of(kind).keySet().retainAll(subjects.keySet()));
        refusals.forEach(this::put);
    }

    /** Those that hold; the others are forgotten. */
    public List<Refusal> all() {
        List<Refusal> all = new ArrayList<>(size());
        long now = clock.millis();
        for (Refusal.Kind kind : Refusal.Kind.values()) {
            of(kind).values().removeIf(until -> until <= now);
            of(kind).forEach((subject, until) -> all.add(new Refusal(kind, subject, until)));
        }
        return all;
    }

    /** How many there are, some of which may be over. */
    public int size() {
        return users.size() + tokens.size();
    }

    public void listen(Consumer<Refusal> listener) {
        listeners.add(listener);
    }

    private ConcurrentMap<String, Long> of(Refusal.Kind kind) {
        return switch (kind) {
            case USER -> users;
            case TOKEN -> tokens;
        };
    }
}
