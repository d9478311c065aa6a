package dev.starling.broker;

import dev.starling.protocol.Publication;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The newest messages of one channel. Offsets count from 1 without holes, hence say where in the ring a message is. For one thread at a time. */
final class HistoryRing {

    private static final int FIRST_LENGTH = 8;

    private final int capacity;
    private @Nullable Publication[] slots;
    private long top;
    private int count;

    /** @param capacity the most messages, at least 1 */
    HistoryRing(int capacity) {
        this.capacity = capacity;
        this.slots = new Publication[Math.min(capacity, FIRST_LENGTH)];
    }

    /** The offset of the newest message ever, 0 if there was none. */
    long top() {
        return top;
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean isFull() {
        return count == capacity;
    }

    /** Adds the message with the offset after the top, to a ring that is not full. */
    void add(Publication publication) {
        if (count == slots.length) {
            grow();
        }
        top++;
        count++;
        slots[slot(top)] = publication;
    }

    private void grow() {
        List<Publication> all = after(0, count, Long.MAX_VALUE);
        slots = new Publication[(int) Math.min(capacity, 2L * slots.length)];
        for (int i = 0; i < all.size(); i++) {
            slots[slot(first() + i)] = all.get(i);
        }
    }

    /** Takes the oldest out of a ring that is not empty. */
    Publication removeOldest() {
        int oldest = slot(first());
        Publication publication = Objects.requireNonNull(slots[oldest]);
        slots[oldest] = null;
        count--;
        return publication;
    }

    /** Forgets all messages, but not the top. */
    void clear() {
        count = 0;
        slots = new Publication[Math.min(capacity, FIRST_LENGTH)];
    }

    /** The messages that are left after an offset, oldest first; two of them even if they have more bytes. */
    List<Publication> after(long offset, int limit, long maxBytes) {
        long from = Math.max(offset + 1, first());
        return read(from, 1, Math.min(limit, top - from + 1), maxBytes);
    }

    /** The last messages that are left before an offset, newest first; two of them even if they have more bytes. */
    List<Publication> before(long offset, int limit, long maxBytes) {
        long from = Math.min(offset - 1, top);
        return read(from, -1, Math.min(limit, from - first() + 1), maxBytes);
    }

    private List<Publication> read(long from, int step, long length, long maxBytes) {
        List<Publication> publications = new ArrayList<>((int) Math.max(0, length));
        long bytes = 0;
        for (int i = 0; i < length; i++) {
            Publication publication = Objects.requireNonNull(slots[slot(from + (long) i * step)]);
            bytes += publication.data().length;
            if (i > 1 && bytes > maxBytes) {
                break;
            }
            publications.add(publication);
        }
        return publications;
    }

    private long first() {
        return top - count + 1;
    }

    private int slot(long offset) {
        return (int) (offset % slots.length);
    }
}
