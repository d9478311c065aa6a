package dev.starling.websocket;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files, and so the connections, that the operating system lets this process have open. */
final class Descriptors {

    private static final Logger log = LoggerFactory.getLogger(Descriptors.class);

    /** What a node has open besides its connections: jars, event loops, Redis. */
    private static final int OWN = 200;

    private Descriptors() {}

    /**
     * Warns if they are fewer than the connections that the node admits, since it would then stop to accept rather than refuse.
     *
     * @param maxConnections 0 means no limit, of which nothing can be said
     */
    static void warnIfFewerThan(int maxConnections) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                && maxConnections > 0
                && system.getMaxFileDescriptorCount() < (long) maxConnections + OWN) {
            log.atWarn()
                    .addKeyValue("descriptors", system.getMaxFileDescriptorCount())
                    .addKeyValue("maxConnections", maxConnections)
                    .log("transport.few_descriptors");
        }
    }
}
