package dev.starling.api;

/**
 * A node.
 *
 * @param node its name
 * @param version of the server; {@code development} if it does not run from a jar
 * @param startedAt when its process was started, in milliseconds since 1970
 * @param broker {@code memory} or {@code redis}
 * @param brokerUp whether messages go through the broker now
 * @param ready whether it takes new connections
 * @param draining whether it is about to stop
 * @param connections open now
 * @param websocketPath where it takes WebSockets, below the path at which it is served
 * @param limits what it allows
 */
record NodeDescription(
        String node,
        String version,
        long startedAt,
        String broker,
        boolean brokerUp,
        boolean ready,
        boolean draining,
        int connections,
        String websocketPath,
        NodeLimits limits) {}
