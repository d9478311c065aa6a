package dev.starling.loadtest.check;

import java.util.BitSet;

/** What one publisher sent to one channel. Its channel's lock guards it. */
final class PublisherLog {

    private final BitSet acknowledged = new BitSet();
    private final BitSet repeated = new BitSet();
    private int sent;

    /** Returns whether it is new. */
    boolean sent(int sequence) {
        if (sequence > sent + 1) {
            throw new IllegalArgumentException("message " + sequence + " after " + sent);
        }
        if (sequence <= sent) {
            repeated.set(sequence);
            return false;
        }
        sent = sequence;
        return true;
    }

    /** Returns whether that is new. */
    boolean acknowledged(int sequence) {
        boolean before = acknowledged.get(sequence);
        acknowledged.set(sequence);
        return !before;
    }

    /** The highest number so far. */
    int sent() {
        return sent;
    }

    /** Whether it was sent more than once: then its place says nothing about the order. */
    boolean isRepeated(int sequence) {
        return repeated.get(sequence);
    }

    int unknown() {
        return sent - acknowledged.cardinality();
    }

    /** How many acknowledged messages after {@code from} are not among {@code received}. */
    int missing(int from, BitSet received) {
        BitSet missing = (BitSet) acknowledged.clone();
        missing.clear(0, from + 1);
        missing.andNot(received);
        return missing.cardinality();
    }
}
