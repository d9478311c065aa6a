package dev.starling.loadtest.check;

import java.util.List;

/**
 * What became of the messages of a run. Counts of subscribers' messages count a message once for each subscriber.
 *
 * @param sent messages that publishers sent, without repetitions
 * @param acknowledged those of them that the server acknowledged; the outcome of the others is unknown
 * @param delivered messages that subscribers got
 * @param toldLost messages of channels with history that subscribers did not get, but were told of: by a gap, or by a
 *     subscription that was not recovered
 * @param lostWithoutHistory acknowledged messages of channels without history that subscribers were there for and did not get
 * @param recoveries subscriptions that went on where the subscriber had been
 * @param refusals subscriptions that did not, of which the subscriber was told; restarts included
 * @param restarts how often a subscriber was told that the history is another one
 * @param rewritten positions of replaced histories that had been given to more than one message: what a failover does that
 *     loses the newest messages
 * @param faultCount how many promises were broken
 * @param faults the first of these, up to {@value #MAX_FAULTS}
 */
public record DeliveryReport(
        long sent,
        long acknowledged,
        long delivered,
        long toldLost,
        long lostWithoutHistory,
        long recoveries,
        long refusals,
        long restarts,
        long rewritten,
        long faultCount,
        List<DeliveryFault> faults) {

    /** The most faults that a report lists. */
    public static final int MAX_FAULTS = 1000;
}
