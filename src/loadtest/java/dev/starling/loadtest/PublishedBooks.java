package dev.starling.loadtest;

import java.util.BitSet;
import java.util.Map;

/**
 * What was published, by channel.
 *
 * @param sent how many messages, and the highest sequence number
 * @param refusals the sequence numbers of those that the server refused
 * @param subscribers how many are to get each
 */
record PublishedBooks(int[] sent, Map<Integer, BitSet> refusals, long[] subscribers) {

    BitSet refusals(int channel) {
        return refusals.getOrDefault(channel, new BitSet());
    }

    /** How many deliveries all that was published makes. */
    long expected() {
        long expected = 0;
        for (int channel = 0; channel < sent.length; channel++) {
            expected += sent[channel] * subscribers[channel];
        }
        for (Map.Entry<Integer, BitSet> refused : refusals.entrySet()) {
            expected -= refused.getValue().cardinality() * subscribers[refused.getKey()];
        }
        return expected;
    }
}
