package dev.starling.loadtest;

import java.util.Arrays;

/** Numbers, first in first out, without an object for each. One thread at a time. */
final class LongFifo {

    private long[] ring = new long[2];
    private int first;
    private int size;

    void add(long number) {
        if (size == ring.length) {
            long[] larger = Arrays.copyOf(ring, size * 2);
            for (int i = 0; i < size; i++) {
                larger[i] = ring[(first + i) % size];
            }
            ring = larger;
            first = 0;
        }
        ring[(first + size++) % ring.length] = number;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    long take() {
        if (size == 0) {
            throw new IllegalStateException("empty");
        }
        long number = ring[first];
        first = (first + 1) % ring.length;
        size--;
        return number;
    }
}
