package dev.starling.loadtest.check;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/** Which message is where in one incarnation of a channel's history. Its channel's lock guards it. */
final class EpochLog {

    private static final int PAGE = 1024;

    private final String name;
    private final Map<Long, long[]> pages = new HashMap<>();
    private final Map<Long, Long> conflicts = new TreeMap<>();
    private long bottom = Long.MAX_VALUE;
    private long top;
    private long known;

    EpochLog(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    /** The highest offset that is known to exist. */
    long top() {
        return top;
    }

    /** The history is known to have reached this offset. */
    void reached(long offset) {
        top = Math.max(top, offset);
    }

    /** This message is at this offset; that there is another, too, is a conflict. */
    void put(long offset, long id) {
        reached(offset);
        long[] page = pages.computeIfAbsent(offset / PAGE, key -> new long[PAGE]);
        int index = (int) (offset % PAGE);
        if (page[index] == 0) {
            page[index] = id;
            known++;
            bottom = Math.min(bottom, offset);
        } else if (page[index] != id) {
            conflicts.put(offset, id);
        }
    }

    /** The message at an offset; 0 if none is known. */
    long get(long offset) {
        long[] page = pages.get(offset / PAGE);
        return page == null ? 0 : page[(int) (offset % PAGE)];
    }

    /** Offset and the later message of each conflict. */
    Map<Long, Long> conflicts() {
        return conflicts;
    }

    /** How many offsets between the first and the last known message have none. */
    long holes() {
        return known == 0 ? 0 : top - bottom + 1 - known;
    }

    /** Each known message, by offset. */
    void forEach(LongConsumer message) {
        forEachPlace((offset, id) -> message.accept(id));
    }

    /** Each offset and its message. */
    void forEachPlace(Place place) {
        for (long offset = bottom; offset <= top; offset++) {
            long id = get(offset);
            if (id != 0) {
                place.accept(offset, id);
            }
        }
    }

    /** Takes an offset and its message. */
    interface Place {
        void accept(long offset, long id);
    }
}
