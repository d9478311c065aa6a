package dev.starling.redis.presence;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Redis can be relied on for who is present. After a fault the members of all nodes may look expired, until each node
 * had its time to say that they are here. Owned by the presence thread.
 */
final class PresenceHealth {

    private static final Logger log = LoggerFactory.getLogger(PresenceHealth.class);

    /** The others begin their rounds at other times than we do. */
    private static final int ROUNDS_TO_WAIT = 2;

    private int calmRounds = ROUNDS_TO_WAIT;
    private boolean failed;
    private boolean lost;

    /** Something was not written. */
    void failed(Throwable failure) {
        failed = true;
        calmRounds = 0;
        if (!lost) {
            lost = true;
            log.atWarn().addKeyValue("reason", failure.getMessage()).log("presence.lost");
        }
    }

    /**
     * All members had their turn.
     *
     * @param failing whether some were passed over, since Redis fails
     */
    void roundOver(boolean failing) {
        if (failed || failing) {
            failed = false;
            return;
        }
        calmRounds = Math.min(ROUNDS_TO_WAIT, calmRounds + 1);
        if (lost) {
            lost = false;
            log.atInfo().log("presence.back");
        }
    }

    /** Whether what looks expired is. */
    boolean mayExpire() {
        return calmRounds == ROUNDS_TO_WAIT;
    }
}
