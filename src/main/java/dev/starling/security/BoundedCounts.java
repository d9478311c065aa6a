package dev.starling.security;

import java.util.concurrent.ConcurrentHashMap;

/** How often each key is in, up to a limit. Only keys that are in take memory. Thread-safe. */
final class BoundedCounts {

    private final int limit;
    private final ConcurrentHashMap<String, Integer> counts = new ConcurrentHashMap<>();

    /** @param limit 0 = none, and then nothing is counted */
    BoundedCounts(int limit) {
        this.limit = limit;
    }

    /** @return false if the key is in as often as it may be */
    boolean enter(String key) {
        if (limit == 0) {
            return true;
        }
        boolean[] entered = new boolean[1];
        counts.compute(key, (k, count) -> {
            int before = count == null ? 0 : count;
            entered[0] = before < limit;
            return entered[0] ? before + 1 : count;
        });
        return entered[0];
    }

    void leave(String key) {
        counts.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1);
    }

    int size() {
        return counts.size();
    }
}
