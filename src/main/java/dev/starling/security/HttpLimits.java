package dev.starling.security;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many TCP connections that are no sessions this node and an address have and may have. A trusted proxy speaks for many
 * clients, so that only the node's limit holds for it. Thread-safe; never blocks.
 */
public final class HttpLimits {

    private final int maxConnections;
    private final AtomicInteger connections = new AtomicInteger();
    private final BoundedCounts addresses;
    private final ClientAddressResolver resolver;

    HttpLimits(LimitsProperties limits, ClientAddressResolver resolver) {
        maxConnections = limits.maxHttpConnections() == 0 ? Integer.MAX_VALUE : limits.maxHttpConnections();
        addresses = new BoundedCounts(limits.maxHttpConnectionsPerIp());
        this.resolver = resolver;
    }

    /** Which limit is reached. */
    public enum Refusal {
        /** The node has as many as it may have. */
        NODE_LIMIT,
        /** The address has as many as it may have. */
        ADDRESS_LIMIT
    }

    /** What a connection from there counts for; null if that has no limit of its own. */
    public @Nullable String key(@Nullable SocketAddress peer) {
        return peer instanceof InetSocketAddress internet && internet.getAddress() != null
                ? resolver.limitKeyOfPeer(internet.getAddress())
                : null;
    }

    /** Takes one more; null if there is room. Each that was taken has to {@link #leave}. */
    public @Nullable Refusal enter(@Nullable String key) {
        if (connections.getAndUpdate(count -> count < maxConnections ? count + 1 : count) >= maxConnections) {
            return Refusal.NODE_LIMIT;
        }
        if (key != null && !addresses.enter(key)) {
            connections.decrementAndGet();
            return Refusal.ADDRESS_LIMIT;
        }
        return null;
    }

    /** Gives a place back. */
    public void leave(@Nullable String key) {
        if (key != null) {
            addresses.leave(key);
        }
        connections.decrementAndGet();
    }

    /** Connections that are there now. */
    public int connections() {
        return connections.get();
    }
}
