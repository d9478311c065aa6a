package dev.starling.security;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many connections this node, an address and a user have and may have, and how many the node takes per second. An address over its
 * limit uses up nothing of the node's rate. Thread-safe; never blocks.
 */
public final class ConnectionLimits {

    private final int maxConnections;
    private final AtomicInteger connections = new AtomicInteger();
    private final BoundedCounts addresses;
    private final BoundedCounts users;
    private final @Nullable AcceptRate rate;

    ConnectionLimits(LimitsProperties limits) {
        maxConnections = limits.maxConnections();
        addresses = new BoundedCounts(limits.maxConnectionsPerIp());
        users = new BoundedCounts(limits.maxConnectionsPerUser());
        rate = limits.connectRate() == 0 ? null : new AcceptRate(limits.connectRate(), System::nanoTime);
    }

    /** Takes one more connection, or says why not. A permit that this returns must be released when the connection has ended. */
    public Admission admit(ClientAddress address) {
        if (!enterNode()) {
            return refused(UpgradeRefusal.NODE_FULL);
        }
        if (!addresses.enter(address.limitKey())) {
            connections.decrementAndGet();
            return refused(UpgradeRefusal.ADDRESS_LIMIT);
        }
        if (rate != null && !rate.take()) {
            leave(address.limitKey());
            return refused(UpgradeRefusal.CONNECT_RATE);
        }
        return new ConnectionPermit(this, address.limitKey());
    }

    private static Admission refused(UpgradeRefusal reason) {
        return new Admission.Refused(reason, reason.retryAfterSeconds());
    }

    private boolean enterNode() {
        int limit = maxConnections == 0 ? Integer.MAX_VALUE : maxConnections;
        return connections.getAndUpdate(count -> count < limit ? count + 1 : count) < limit;
    }

    void leave(String addressKey) {
        addresses.leave(addressKey);
        connections.decrementAndGet();
    }

    boolean enterUser(String user) {
        return users.enter(user);
    }

    void leaveUser(String user) {
        users.leave(user);
    }

    /** Connections that hold a permit now. */
    public int connections() {
        return connections.get();
    }

    /** Different addresses (of IPv6: networks) with a connection now; 0 where {@code max-connections-per-ip} is 0. */
    public int addresses() {
        return addresses.size();
    }

    /** Different users with a connection now; 0 where {@code max-connections-per-user} is 0. */
    public int users() {
        return users.size();
    }
}
