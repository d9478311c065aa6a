package dev.starling.loadtest;

import dev.starling.loadtest.check.SequenceTrack;
import dev.starling.loadtest.client.ChannelPlan;
import dev.starling.loadtest.client.Client;
import dev.starling.loadtest.client.Population;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What readers missed and got too often, of what one run published.
 *
 * @param lost of those readers that are still there; a message counts once for each
 * @param strange messages of channels that the reader had not subscribed to
 */
record DeliveryTally(long lost, long duplicates, long outOfOrder, long strange) {

    /** Of all readers. Without publishers here, what is lost at the end is unknown. No event loop may ask. */
    static DeliveryTally of(Population readers, Publishing publishing) {
        boolean known = publishing.publishers().size() > 0;
        Publishing.Books books = publishing.books();
        long[] sums = new long[4];
        readers.visit(reader -> {
            SequenceTrack track = reader.track();
            sums[0] += reader.isReady() ? lost(readers.plan(), reader, known ? books : null) : 0;
            sums[1] += track.duplicates();
            sums[2] += track.outOfOrder();
            sums[3] += track.strange();
        });
        return new DeliveryTally(sums[0], sums[1], sums[2], sums[3]);
    }

    private static long lost(ChannelPlan plan, Client reader, Publishing.@Nullable Books books) {
        SequenceTrack track = reader.track();
        long lost = 0;
        for (int index = 0; index < plan.subscriptions(); index++) {
            int channel = (plan.first(reader.number()) + index) % plan.channels();
            lost += books == null
                    ? track.lost(index, track.last(index), new BitSet())
                    : track.lost(index, books.sent()[channel], books.refusals(channel));
        }
        return lost;
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
