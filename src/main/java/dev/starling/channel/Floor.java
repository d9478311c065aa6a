package dev.starling.channel;

import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import org.jspecify.annotations.Nullable;

/**
 * Keeps from a receiver what it has already, or what was queued before it came, and steps aside with the first frame that it
 * need not keep: so that later ones cost nothing. Owned by the receiver's event loop.
 */
final class Floor implements Receiver {

    private final ChannelSubscription subscription;
    private Receiver above;
    private final long sequence;
    private @Nullable StreamPosition position;

    private @Nullable String ended;

    /** @param sequence of the last frame to leave out */
    Floor(ChannelSubscription subscription, Receiver above, long sequence) {
        this.subscription = subscription;
        this.above = above;
        this.sequence = sequence;
    }

    void handTo(Receiver other) {
        above = other;
    }

    /**
     * @param newPosition of the last message to leave out; another epoch ends that
     * @param newEnded an epoch before that, of which all is left out; null if there is none
     */
    Floor raise(StreamPosition newPosition, @Nullable String newEnded) {
        position = newPosition;
        ended = newEnded;
        return this;
    }

    @Override
    public void receive(MessageBatch batch) {
        int kept = 0;
        int lost = -1;
        boolean isPassed = false;
        for (int i = 0; i < batch.count(); i++) {
            Emission emission = batch.emission(i);
            if (isPassed || !isBelow(emission)) {
                kept |= 1 << i;
                lost = !isPassed && isLoss(emission) ? i : lost;
                isPassed = isPassed || !isPresence(emission);
            }
        }
        if (isPassed) {
            subscription.clear(above);
        }
        if (lost >= 0) {
            batch.handTo(above, kept, lost, loss(batch.emission(lost)));
        } else if (kept != 0) {
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
        if (position == null) {
            return false;
        }
        ServerFrame event = emission.message().event();
        if ((event == null || event instanceof ServerFrame.Gap) && hasEnded(emission.position())) {
            return true;
        } else if (event == null) {
            return emission.message().offset() <= position.offset();
        } else if (event instanceof ServerFrame.Subscribed && emission.position() != null) {
            return emission.position().epoch().equals(position.epoch())
                    && (goesOn(event) || emission.position().offset() <= position.offset());
        }
        return event instanceof ServerFrame.Gap gap && gap.to() <= position.offset();
    }

    private boolean hasEnded(@Nullable StreamPosition of) {
        return of != null && of.epoch().equals(ended);
    }

    /** Whether another epoch goes on with the count of the one before. */
    private static boolean goesOn(ServerFrame event) {
        return event instanceof ServerFrame.Subscribed restart && Boolean.TRUE.equals(restart.recovered());
    }

    /** Whether the epoch of the receiver ends below what the receiver has of it, which others on this node never had. */
    private boolean isLoss(Emission emission) {
        ServerFrame event = emission.message().event();
        return event != null
                && goesOn(event)
                && position != null
                && emission.position() != null
                && emission.position().offset() < position.offset();
    }

    /** The same for a receiver that has lost something by it. */
    private Emission loss(Emission emission) {
        ServerFrame restart = new ServerFrame.Subscribed(null, subscription.channel(), emission.position(), false);
        EncodedMessage frame =
                EncodedMessage.of(restart, subscription.fanout().channel().allocator());
        return new Emission(frame, emission.position(), emission.sequence(), emission.sinceNanos());
    }

    /** Who comes and goes says nothing about where the channel is. */
    private static boolean isPresence(Emission emission) {
        ServerFrame event = emission.message().event();
        return event instanceof ServerFrame.Join || event instanceof ServerFrame.Leave;
    }
}
