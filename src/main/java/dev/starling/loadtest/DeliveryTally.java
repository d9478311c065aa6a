package dev.starling.loadtest;

import java.util.BitSet;

/**
 * What readers missed and got too often, of what one run published.
 *
 * @param lost of those readers that are still there; a message counts once for each
 * @param strange messages of channels that the reader had not subscribed to
 */
record DeliveryTally(long lost, long duplicates, long outOfOrder, long strange) {

    /** Of all readers. To be asked when nothing moves any more. Without publishers here, what is lost at the end is unknown. */
    static DeliveryTally of(Population readers, Publishing publishing) {
        boolean known = publishing.publishers().size() > 0;
        ChannelPlan plan = readers.plan();
        long lost = 0;
        long duplicates = 0;
        long outOfOrder = 0;
        long strange = 0;
        for (int i = 0; i < readers.size(); i++) {
            Client reader = readers.client(i);
            SequenceTrack track = reader.track();
            for (int index = 0; index < plan.subscriptions() && reader.isReady(); index++) {
                int channel = (plan.first(i) + index) % plan.channels();
                int sent = known ? publishing.sent(channel) : track.last(index);
                lost += track.lost(index, sent, known ? publishing.refusals(channel) : new BitSet());
            }
            duplicates += track.duplicates();
            outOfOrder += track.outOfOrder();
            strange += track.strange();
        }
        return new DeliveryTally(lost, duplicates, outOfOrder, strange);
    }

    void report(Verdict verdict, long limit) {
        verdict.result()
                .put("lost", lost)
                .put("duplicates", duplicates)
                .put("outOfOrder", outOfOrder)
                .put("strange", strange);
        verdict.most("lost messages", lost, limit)
                .most("duplicates", duplicates, limit)
                .most("messages out of order", outOfOrder, limit)
                .most("messages nobody asked for", strange, limit);
    }
}
