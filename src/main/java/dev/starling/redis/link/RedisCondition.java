package dev.starling.redis.link;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What this node knows about its Redis at the moment, without asking it. Any thread may read and write. */
public final class RedisCondition {

    /**
     * A link.
     *
     * @param fault why nothing is delivered through it; null if all is well
     * @param since when that began
     * @param roundTripNanos what the last message of our own took; -1 if there was none
     */
    public record OfLink(@Nullable RedisFault fault, Instant since, long roundTripNanos) {

        public boolean isWell() {
            return fault == null;
        }
    }

    private final ConcurrentMap<String, OfLink> links = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, LongSupplier> counts = new ConcurrentHashMap<>();
    private volatile @Nullable RedisFault commands = RedisFault.DISCONNECTED;

    /** A message of our own has come back through a link, hence the commands work, too; whether this is news. */
    boolean delivered(String link, long roundTripNanos) {
        commands = null;
        boolean[] news = new boolean[1];
        links.compute(link, (name, before) -> {
            boolean goesOn = before != null && before.isWell();
            news[0] = !goesOn;
            return new OfLink(null, goesOn ? before.since() : Instant.now(), roundTripNanos);
        });
        return news[0];
    }

    /** Nothing is delivered through a link; whether this is news. */
    boolean failed(String link, RedisFault fault) {
        boolean[] news = new boolean[1];
        links.compute(link, (name, before) -> {
            news[0] = before == null || before.fault() != fault;
            boolean goesOn = before != null && !before.isWell();
            return new OfLink(
                    fault, goesOn ? before.since() : Instant.now(), before == null ? -1 : before.roundTripNanos());
        });
        return news[0];
    }

    /** A link is no longer needed. */
    void gone(String link) {
        links.remove(link);
    }

    /** Commands can't be done, until a message of our own has come back. */
    void commandsFailed(RedisFault fault) {
        commands = fault;
    }

    /** Shows a number in the health, such as envelopes that this node could not read. */
    public void count(String name, LongSupplier count) {
        counts.put(name, count);
    }

    public Map<String, OfLink> links() {
        return new TreeMap<>(links);
    }

    Map<String, LongSupplier> counts() {
        return new TreeMap<>(counts);
    }

    /** Why commands fail, or null. */
    @Nullable
    public RedisFault commands() {
        return commands;
    }

    /** Whether what is published here arrives here. */
    public boolean isWell() {
        return commands == null && !links.isEmpty() && links.values().stream().allMatch(OfLink::isWell);
    }
}
