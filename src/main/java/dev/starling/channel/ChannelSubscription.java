package dev.starling.channel;

import dev.starling.protocol.ChannelName;

/** One receiver's place in one channel. Owned by the receiver's event loop. */
public final class ChannelSubscription extends LoopSlots.Slot {

    private final LoopFanout fanout;
    private final Receiver receiver;

    ChannelSubscription(LoopFanout fanout, Receiver receiver) {
        this.fanout = fanout;
        this.receiver = receiver;
    }

    /** The channel. */
    public ChannelName channel() {
        return fanout.channel().name();
    }

    LoopFanout fanout() {
        return fanout;
    }

    Receiver receiver() {
        return receiver;
    }
}
