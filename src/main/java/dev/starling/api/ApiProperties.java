package dev.starling.api;

import dev.starling.setting.Range;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What this node serves by plain HTTP.
 *
 * @param api what back ends and operators may ask
 * @param console the page from which operators look at a node
 */
@ConfigurationProperties("starling")
record ApiProperties(@DefaultValue Api api, @DefaultValue Console console) {

    /**
     * What back ends and operators may ask. Where a limit is a rate, 0 means no limit.
     *
     * @param recentCloses How many closed connections the node remembers with the reason, 0 to 100000.
     * @param requestRate Requests and messages (each message of a batch, each line of a stream) per second of one
     *     user or key on one node, 0 to 1000000. More requests are refused with 429; lines wait instead. 0 means no
     *     limit.
     * @param requestBurst Requests and messages of one user or key at once, 1 to 1000000.
     * @param maxBatch Messages per batch, 1 to 100000. A stream of lines may have any number.
     * @param maxBatchSize Bytes of the body of a batch, and of what the batch publishes, 1KB to 64MB.
     * @param bodyTimeout How long a request body may be silent before the request is answered with 408, 1s to 10m.
     * @param fleetTimeout How long other nodes may take to answer before they are reported as {@code silent}, 100ms
     *     to 1m.
     */
    record Api(
            @DefaultValue("1000") int recentCloses,
            @DefaultValue("5000") int requestRate,
            @DefaultValue("10000") int requestBurst,
            @DefaultValue("1000") int maxBatch,
            @DefaultValue("1MB") DataSize maxBatchSize,
            @DefaultValue("30s") Duration bodyTimeout,
            @DefaultValue("2s") Duration fleetTimeout) {

        private static final String NAME = "starling.api.";
        private static final int MILLION = 1_000_000;

        /** @throws IllegalArgumentException naming the property, the value and what is allowed */
        Api {
            Range.of(NAME + "recent-closes", recentCloses, 0, 100_000);
            Range.of(NAME + "request-rate", requestRate, 0, MILLION);
            Range.of(NAME + "request-burst", requestBurst, 1, MILLION);
            Range.of(NAME + "max-batch", maxBatch, 1, 100_000);
            Range.of(NAME + "max-batch-size", maxBatchSize, DataSize.ofKilobytes(1), DataSize.ofMegabytes(64));
            Range.of(NAME + "body-timeout", bodyTimeout, Duration.ofSeconds(1), Duration.ofMinutes(10));
            Range.of(NAME + "fleet-timeout", fleetTimeout, Duration.ofMillis(100), Duration.ofMinutes(1));
        }
    }

    /**
     * The page from which operators look at a node.
     *
     * @param enabled Whether the node serves its console at {@code /console/}.
     */
    record Console(@DefaultValue("true") boolean enabled) {}
}
