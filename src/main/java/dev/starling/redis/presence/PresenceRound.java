package dev.starling.redis.presence;

import dev.starling.protocol.Member;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One walk over all members of this node, to have Redis told of each once more, in small steps. Members that come meanwhile
 * are told of anyway, and those that go are passed over. Owned by the presence thread.
 */
final class PresenceRound {

    private final Iterator<OwnMembers> channels;
    private final Predicate<OwnMembers> isSpared;
    private @Nullable OwnMembers current;
    private Iterator<List<Member>> pieces = Collections.emptyIterator();
    private int left;

    /** @param isSpared which channels are passed over, asked when it is their turn */
    PresenceRound(Collection<OwnMembers> own, Predicate<OwnMembers> isSpared) {
        this.isSpared = isSpared;
        List<OwnMembers> all = List.copyOf(own);
        channels = all.iterator();
        for (OwnMembers one : all) {
            left += (one.count() + RedisMembers.BATCH - 1) / RedisMembers.BATCH;
        }
    }

    /** How many steps to take now, if there are so many times left to take some. */
    int share(int times) {
        return times <= 1 ? left : (left + times - 1) / times;
    }

    /** Has one piece told again, and says of which channel; null if that was all. */
    @Nullable
    OwnMembers step() {
        while (!pieces.hasNext()) {
            if (!channels.hasNext()) {
                current = null;
                left = 0;
                return null;
            }
            current = channels.next();
            pieces = isSpared.test(current)
                    ? Collections.emptyIterator()
                    : current.pieces().iterator();
        }
        left = Math.max(0, left - 1);
        if (current != null) {
            current.repeat(pieces.next());
        }
        return current;
    }
}
