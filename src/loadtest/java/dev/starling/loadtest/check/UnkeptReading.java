package dev.starling.loadtest.check;

import dev.starling.loadtest.check.DeliveryFault.Kind;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** What one subscriber got of one channel without history. Its reading's lock guards it. */
final class UnkeptReading {

    private final String subscriber;
    private final ChannelLog channel;
    private final Tally tally;
    private final Map<Integer, BitSet> received = new HashMap<>();
    private final Map<Integer, Integer> last = new HashMap<>();
    private Map<Integer, Integer> owedAfter = Map.of();

    UnkeptReading(String subscriber, ChannelLog channel, Tally tally) {
        this.subscriber = subscriber;
        this.channel = channel;
        this.tally = tally;
    }

    /** From now on it is owed what nobody has sent yet. */
    void attached() {
        owedAfter = channel.sentByPublisher();
    }

    /** Returns how much it did not get. */
    long detached() {
        return missing();
    }

    void message(long id) {
        int publisher = MessageId.publisher(id);
        int sequence = MessageId.sequence(id);
        BitSet got = received.computeIfAbsent(publisher, key -> new BitSet());
        int before = last.merge(publisher, sequence, Math::max);
        if (got.get(sequence)) {
            tally.fault(Kind.REPEATED, channel.name(), subscriber, MessageId.text(id));
        } else if (sequence < before && !channel.isRepeated(id)) {
            tally.fault(Kind.OUT_OF_ORDER, channel.name(), subscriber, MessageId.text(id) + " after #" + before);
        }
        got.set(sequence);
    }

    /** How many acknowledged messages that it is owed it has not got. */
    long missing() {
        return channel.sentByPublisher().keySet().stream()
                .mapToLong(publisher -> channel.missing(
                        publisher,
                        owedAfter.getOrDefault(publisher, 0),
                        received.getOrDefault(publisher, new BitSet())))
                .sum();
    }
}
