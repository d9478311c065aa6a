package dev.starling.loadtest.check;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one client got of channels that have one publisher each: exact, and small as long as nothing goes wrong. Its client's
 * event loop owns it.
 */
public final class SequenceTrack {

    private final int first;
    private final int[] last;
    private @Nullable Map<Integer, BitSet> missing;
    private long duplicates;
    private long outOfOrder;
    private long strange;

    /** @param first the number of the first channel */
    public SequenceTrack(int first, int subscriptions) {
        this.first = first;
        this.last = new int[subscriptions];
    }

    /** A message has come. Returns whether it was expected, or late at least. */
    public boolean message(int channel, int channels, int sequence) {
        int index = Math.floorMod(channel - first, channels);
        if (index >= last.length || sequence < 1) {
            strange++;
            return false;
        }
        int before = last[index];
        if (sequence > before) {
            last[index] = sequence;
            if (sequence > before + 1) {
                missing(index).set(before + 1, sequence);
            }
            return true;
        }
        return late(index, sequence);
    }

    private boolean late(int index, int sequence) {
        BitSet gone = missing(index);
        if (gone.get(sequence)) {
            gone.clear(sequence);
            outOfOrder++;
            return true;
        }
        duplicates++;
        return false;
    }

    private BitSet missing(int index) {
        Map<Integer, BitSet> all = missing;
        if (all == null) {
            all = new HashMap<>();
            missing = all;
        }
        return all.computeIfAbsent(index, key -> new BitSet());
    }

    /**
     * How many messages of a channel it has not got.
     *
     * @param sent how many were sent
     * @param refused those of them that the server refused
     */
    public long lost(int index, int sent, BitSet refused) {
        BitSet gone = missing == null ? new BitSet() : (BitSet) missing(index).clone();
        if (sent > last[index]) {
            gone.set(last[index] + 1, sent + 1);
        }
        gone.andNot(refused);
        return gone.cardinality();
    }

    public int last(int index) {
        return last[index];
    }

    public long duplicates() {
        return duplicates;
    }

    public long outOfOrder() {
        return outOfOrder;
    }

    /** Messages of channels that it had not subscribed to. */
    public long strange() {
        return strange;
    }
}
