package dev.starling.channel;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.StreamPosition;
import dev.starling.setting.ChannelOptions;
import org.jspecify.annotations.Nullable;

/** One receiver's place in one channel. Owned by the receiver's event loop. */
public final class ChannelSubscription extends LoopSlots.Slot {

    private final LoopFanout fanout;
    private Receiver receiver;
    private @Nullable StreamPosition start;
    private @Nullable String grant;

    ChannelSubscription(LoopFanout fanout, Receiver receiver) {
        this.fanout = fanout;
        this.receiver = receiver;
    }

    /** The channel. */
    public ChannelName channel() {
        return fanout.channel().name();
    }

    /** The options of the channel. */
    public ChannelOptions options() {
        return fanout.channel().options();
    }

    /** What the receiver was handed last, or what the first message follows; null on a channel without history. */
    public @Nullable StreamPosition position() {
        StreamPosition reached = fanout.reached();
        return reached == null || receiver instanceof Floor ? start : reached;
    }

    /** Notes the name of what lets the receiver listen here, if that is not what lets it connect. */
    public void grantedBy(@Nullable String name) {
        grant = name;
    }

    /** What {@link #grantedBy} has noted. */
    public @Nullable String grant() {
        return grant;
    }

    /** Has what comes from now on handed to another receiver. */
    public void handTo(Receiver other) {
        if (receiver instanceof Floor floor) {
            floor.handTo(other);
        } else {
            receiver = other;
        }
    }

    /** Has frames up to {@code head} left out: they were queued before this subscription stood. */
    void startAt(ChannelPosition.Head head) {
        start = head.position();
        receiver = new Floor(this, receiver, head.sequence());
    }

    /**
     * Has messages up to this one left out: the receiver has them already.
     *
     * @param ended an epoch before that of the position, of which all is left out; null if there is none
     */
    void skipTo(StreamPosition position, @Nullable String ended) {
        start = position;
        Floor floor = receiver instanceof Floor known ? known : new Floor(this, receiver, 0);
        receiver = floor.raise(position, ended);
    }

    /** The floor is passed. */
    void clear(Receiver above) {
        receiver = above;
    }

    LoopFanout fanout() {
        return fanout;
    }

    Receiver receiver() {
        return receiver;
    }
}
