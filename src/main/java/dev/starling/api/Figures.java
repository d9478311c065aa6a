package dev.starling.api;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a node does, at one moment. What has no "now" in its description is a total since the start of the node: who asks again knows
 * what was between.
 *
 * @param node its name
 * @param timestamp the moment, in milliseconds since 1970
 * @param connections open now
 * @param subscriptions now
 * @param channels with a subscriber, now
 * @param messagesIn frames that came from clients
 * @param messagesOut frames that were sent to clients: deliveries, events and replies
 * @param bytesIn of those
 * @param bytesOut of those
 * @param fanout from the broker's hand to the last write
 * @param brokerRoundTrip from a publish until it is back; null with the broker in memory
 * @param closes connections that ended, by close code
 * @param slowConsumers connections that were closed because they read too slowly
 * @param refusals upgrades that were refused, by reason
 * @param pendingBytes that wait for clients to read, now
 * @param heapUsedBytes now
 * @param heapMaxBytes that there may be
 * @param cpuSeconds processor time of the process
 * @param processors that the process may use, now
 */
record Figures(
        String node,
        long timestamp,
        long connections,
        long subscriptions,
        long channels,
        long messagesIn,
        long messagesOut,
        long bytesIn,
        long bytesOut,
        Histogram fanout,
        @Nullable Histogram brokerRoundTrip,
        SortedMap<String, Long> closes,
        long slowConsumers,
        SortedMap<String, Long> refusals,
        long pendingBytes,
        long heapUsedBytes,
        long heapMaxBytes,
        double cpuSeconds,
        int processors) {

    /**
     * Durations.
     *
     * @param buckets by their upper bound, the shortest first; each counts those of the buckets before, too
     * @param count of all, also those that are longer than the last bound
     * @param sumSeconds of all
     */
    record Histogram(List<Bucket> buckets, long count, double sumSeconds) {}

    /** @param count how many durations are of up to so many {@code seconds} */
    record Bucket(double seconds, long count) {}
}
