package dev.starling.security;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The place of one connection under the limits: it counts for the node and the address from the start, and for a user once claimed, until
 * it is released. Whoever got it must release it, however the connection ends. Thread-safe. It exists once per connection, hence the
 * updater in place of an atomic object.
 */
public final class ConnectionPermit implements Admission {

    private static final int OPEN = 0;
    private static final int CLAIMED = 1;
    private static final int RELEASED = 2;
    private static final AtomicIntegerFieldUpdater<ConnectionPermit> STATE =
            AtomicIntegerFieldUpdater.newUpdater(ConnectionPermit.class, "state");

    private final ConnectionLimits limits;
    private final String addressKey;
    private volatile @Nullable String user;
    private volatile int state = OPEN;

    ConnectionPermit(ConnectionLimits limits, String addressKey) {
        this.limits = limits;
        this.addressKey = addressKey;
    }

    /**
     * Counts the connection for its user, once it is known who that is. To be called once.
     *
     * @return false if the user has as many connections as they may have, or if the permit was released meanwhile; then nothing is counted
     * @throws IllegalStateException if a user was claimed already
     */
    public boolean claimUser(String name) {
        if (state == CLAIMED) {
            throw new IllegalStateException("the permit has a user already");
        }
        if (!limits.enterUser(name)) {
            return false;
        }
        user = name;
        if (STATE.compareAndSet(this, OPEN, CLAIMED)) {
            return true;
        }
        limits.leaveUser(name);
        return false;
    }

    /** Gives the place back; again is without effect. */
    public void release() {
        int before = STATE.getAndSet(this, RELEASED);
        if (before == RELEASED) {
            return;
        }
        String name = user;
        if (before == CLAIMED && name != null) {
            limits.leaveUser(name);
        }
        limits.leave(addressKey);
    }
}
