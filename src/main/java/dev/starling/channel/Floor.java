package dev.starling.channel;

import dev.starling.protocol.ServerFrame;

/**
 * Keeps from a receiver what it has already, or what was queued before it came, and steps aside with the first frame that it
 * need not keep: so that later ones cost nothing. Owned by the receiver's event loop.
 */
final class Floor implements Receiver {

    private final ChannelSubscription subscription;
    private Receiver above;
    private final long sequence;
    private long offset;

    /**
     * @param sequence of the last frame to leave out
     * @param offset of the last message to leave out; a new epoch ends that
     */
    Floor(ChannelSubscription subscription, Receiver above, long sequence, long offset) {
        this.subscription = subscription;
        this.above = above;
        this.sequence = sequence;
        this.offset = offset;
    }

    void handTo(Receiver other) {
        above = other;
    }

    Floor raise(long newOffset) {
        offset = newOffset;
        return this;
    }

    @Override
    public void receive(MessageBatch batch) {
        int kept = 0;
        boolean isPassed = false;
        for (int i = 0; i < batch.count(); i++) {
            Emission emission = batch.emission(i);
            if (isPassed || !isBelow(emission)) {
                kept |= 1 << i;
                isPassed = isPassed || !isPresence(emission);
            }
        }
        if (isPassed) {
            subscription.clear(above);
        }
        if (kept != 0) {
            batch.handTo(above, kept);
        }
    }

    @Override
    public void failed() {
        above.failed();
    }

    private boolean isBelow(Emission emission) {
        if (emission.sequence() <= sequence) {
            return true;
        }
        ServerFrame event = emission.message().event();
        if (event == null) {
            return emission.message().offset() <= offset;
        }
        return event instanceof ServerFrame.Gap gap && gap.to() <= offset;
    }

    /** Who comes and goes says nothing about where the channel is. */
    private static boolean isPresence(Emission emission) {
        ServerFrame event = emission.message().event();
        return event instanceof ServerFrame.Join || event instanceof ServerFrame.Leave;
    }
}
