package dev.starling.websocket;

import dev.starling.setting.Range;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What carries the sockets of a node.
 *
 * @param eventLoops Threads that serve the sockets, 0 to 1024. 0 means one per processor, which is best: each further
 *     one costs a wake-up per message and a context switch.
 * @param ioUring Whether to use io_uring instead of epoll on Linux, which saves system calls per delivery. Where the
 *     kernel does not allow it, as in many containers, the node uses epoll and logs that.
 * @param ringSize Entries in the submission ring of each event loop, a power of two from 256 to 32768. The completion
 *     ring has four times as many.
 * @param acceptBacklog Connections that the kernel queues until the server accepts them, 1 to 65535. The kernel
 *     grants at most {@code net.core.somaxconn}.
 * @param noDelay Whether small frames are sent at once (TCP_NODELAY). Otherwise the kernel holds one back until the
 *     previous one is acknowledged, which saves packets and costs up to 40 ms.
 */
@ConfigurationProperties("starling.transport")
record TransportProperties(
        @DefaultValue("0") int eventLoops,
        @DefaultValue("false") boolean ioUring,
        @DefaultValue("4096") int ringSize,
        @DefaultValue("4096") int acceptBacklog,
        @DefaultValue("true") boolean noDelay) {

    /** @throws IllegalArgumentException naming the property, the value and what is allowed */
    TransportProperties {
        Range.of("starling.transport.event-loops", eventLoops, 0, 1024);
        Range.powerOfTwo("starling.transport.ring-size", ringSize, 256, 32_768);
        Range.of("starling.transport.accept-backlog", acceptBacklog, 1, 65_535);
    }

    /** How many event loops there are. */
    int loops() {
        return eventLoops == 0 ? Runtime.getRuntime().availableProcessors() : eventLoops;
    }
}
