package dev.starling.loadtest.check;

import dev.starling.loadtest.check.DeliveryFault.Kind;
import dev.starling.protocol.StreamPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** How far one subscriber is in one channel. Its own lock guards it; it calls its channel under it, never the reverse. */
final class Reading {

    /** A history that was left for another one, and the last offset that was got of it. */
    private record Left(EpochLog epoch, long last) {}

    private final String subscriber;
    private final ChannelLog channel;
    private final Tally tally;
    private final UnkeptReading unkept;
    private final List<Left> left = new ArrayList<>();

    /** Histories that went over into this one without a loss, each with the last offset that was got of it. */
    private final List<Left> before = new ArrayList<>();

    private @Nullable EpochLog epoch;
    private long last;
    private boolean attached;

    Reading(String subscriber, ChannelLog channel, Tally tally) {
        this.subscriber = subscriber;
        this.channel = channel;
        this.tally = tally;
        this.unkept = new UnkeptReading(subscriber, channel, tally);
    }

    synchronized void subscribed(@Nullable StreamPosition position, @Nullable Boolean recovered) {
        boolean first = !attached;
        attached = true;
        if (position == null) {
            if (epoch != null) {
                fault(Kind.WRONG_POSITION, "subscribed without a position");
            } else if (first) {
                unkept.attached();
            }
            return;
        }
        EpochLog next = channel.reached(position);
        if (Boolean.TRUE.equals(recovered) && !first && isNext(position)) {
            wentOn(next, position.offset());
        } else if (Boolean.TRUE.equals(recovered)) {
            recovered(next, position.offset());
        } else if (Boolean.FALSE.equals(recovered)) {
            refused(next, position.offset());
        } else if (first) {
            begun(next, position.offset());
        }
        // Else it asked for what it had: nothing changes.
    }

    /** Who has been somewhere and comes back asks to be recovered: an answer that does not say must not pass anything over. */
    private void begun(EpochLog next, long offset) {
        if (epoch != null && (next != epoch || offset != last)) {
            fault(Kind.WRONG_RECOVERY, "subscribed at " + next.name() + "/" + offset + " instead of " + here());
        }
        moved(next, offset);
    }

    /** Whether it is another epoch of the same life, as after a failover that lost nothing of what was got. */
    private boolean isNext(StreamPosition position) {
        StreamPosition here = position();
        return here != null && !here.epoch().equals(position.epoch()) && here.isSameLife(position);
    }

    private void wentOn(EpochLog next, long offset) {
        if (epoch == null || offset != last) {
            fault(Kind.WRONG_RECOVERY, "went on at " + next.name() + "/" + offset + " instead of " + here());
        } else {
            before.add(new Left(epoch, last));
            before.forEach(past -> channel.wentOn(past.epoch(), next, past.last()));
        }
        moved(next, offset);
    }

    private void recovered(EpochLog next, long offset) {
        tally.recoveries.increment();
        if (next != epoch || offset != last) {
            fault(Kind.WRONG_RECOVERY, "recovered at " + next.name() + "/" + offset + " instead of " + here());
        }
        moved(next, offset);
    }

    private void refused(EpochLog next, long offset) {
        tally.refusals.increment();
        if (next == epoch) {
            tally.toldLost.add(Math.max(0, offset - last));
            if (offset < last) {
                fault(Kind.WRONG_RECOVERY, "went back to " + offset + " from " + here());
            }
        } else if (epoch != null) {
            tally.restarts.increment();
            StreamPosition here = new StreamPosition(epoch.name(), last);
            boolean goesOn = here.isSameLife(new StreamPosition(next.name(), offset));
            tally.toldLost.add(goesOn ? Math.max(0, offset - last) : offset);
            left.add(new Left(epoch, last));
            before.clear();
        }
        moved(next, offset);
    }

    private void moved(EpochLog next, long offset) {
        epoch = next;
        last = offset;
    }

    synchronized void message(long offset, long id) {
        tally.delivered.increment();
        if (!attached) {
            fault(Kind.UNASKED, MessageId.text(id) + " at " + offset);
            return;
        }
        if (!channel.seen(offset > 0 ? epoch : null, offset, id)) {
            fault(Kind.STRANGE, "got " + MessageId.text(id) + " at " + offset);
        }
        if ((offset > 0) != (epoch != null)) {
            fault(Kind.WRONG_POSITION, MessageId.text(id) + " has offset " + offset + ", at " + here());
        } else if (epoch == null) {
            unkept.message(id);
        } else if (offset <= last) {
            fault(Kind.REPEATED, MessageId.text(id) + " at " + offset + " after " + here());
        } else {
            expect(offset, "message");
            last = offset;
        }
    }

    synchronized void gap(long from, long to) {
        if (!attached || epoch == null || from <= last || to < from) {
            fault(Kind.WRONG_GAP, from + " to " + to + " after " + here());
            return;
        }
        expect(from, "gap");
        channel.reached(new StreamPosition(epoch.name(), to));
        tally.toldLost.add(to - from + 1);
        last = to;
    }

    private void expect(long offset, String what) {
        if (offset > last + 1) {
            fault(Kind.LOST, (offset - last - 1) + " before the " + what + " at " + offset + ", after " + here());
        }
    }

    synchronized void unsubscribed() {
        disconnected();
        before.clear();
        epoch = null;
        last = 0;
    }

    synchronized void disconnected() {
        if (attached && epoch == null) {
            tally.lostWithoutHistory.add(unkept.detached());
        }
        attached = false;
    }

    synchronized @Nullable StreamPosition position() {
        return epoch == null ? null : new StreamPosition(epoch.name(), last);
    }

    /** Whether it has got what its channel has now, was told that it will not, or is in another history: to be asked later. */
    synchronized BooleanSupplier goal() {
        EpochLog history = epoch;
        if (history == null) {
            return () -> true;
        }
        long top = channel.top(history);
        return () -> hasReached(history, top);
    }

    private synchronized boolean hasReached(EpochLog history, long offset) {
        return epoch != history || last >= offset;
    }

    synchronized long outstanding() {
        if (!attached || epoch == null) {
            return 0;
        }
        return channel.isCurrent(epoch) ? channel.top(epoch) - last : 1;
    }

    synchronized long missing() {
        return attached && epoch == null ? unkept.missing() : 0;
    }

    /** Adds what can be said only at the end. */
    synchronized void audit(Tally all) {
        for (Left history : left) {
            all.toldLost.add(Math.max(0, channel.top(history.epoch()) - history.last()));
        }
        if (!attached) {
            return;
        }
        if (epoch == null) {
            all.lostWithoutHistory.add(unkept.missing());
        } else if (!channel.isCurrent(epoch)) {
            all.fault(Kind.UNTOLD_RESTART, channel.name(), subscriber, "still at " + here());
        } else if (channel.top(epoch) > last) {
            String detail = "nothing after " + here() + " of " + channel.top(epoch);
            all.fault(Kind.LOST, channel.name(), subscriber, detail);
        }
    }

    private void fault(Kind kind, String detail) {
        tally.fault(kind, channel.name(), subscriber, detail);
    }

    private String here() {
        return epoch == null ? "no position" : epoch.name() + "/" + last;
    }
}
