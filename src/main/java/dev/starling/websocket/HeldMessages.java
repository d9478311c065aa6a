package dev.starling.websocket;

import dev.starling.channel.ChannelSubscription;
import dev.starling.channel.MessageBatch;
import dev.starling.channel.Receiver;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.Publication;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import dev.starling.setting.Overflow;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits of one subscription until the socket takes it: what the client has missed, then what came since. In channels
 * that drop messages the newest ones are kept; in others it ends with what was missed. Owned by the session's event loop.
 */
final class HeldMessages implements Receiver {

    /** Batches up to this size need not be taken apart while the socket takes all. */
    private static final int SMALL_BYTES = 64 * 1024;

    private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private final Backlog backlog;
    private final ChannelSubscription subscription;
    private final Overflow overflow;
    private final ArrayDeque<EncodedMessage> frames = new ArrayDeque<>(2);
    private List<Publication> missed = List.of();
    private int nextMissed;
    private int messages;
    private long bytes;

    /** Where the client is while something is held; null on a channel without positions. */
    private @Nullable StreamPosition sent;

    /** Where the channel began anew, if the frame that says so was dropped. */
    private @Nullable StreamPosition restart;

    /** The messages dropped before {@link #frames}, if the channel has a history; 0 for none. */
    private long lostFrom;

    private long lostTo;

    /** Whether the backlog knows that something waits here. */
    private boolean isAwaited;

    HeldMessages(Backlog backlog, ChannelSubscription subscription) {
        this.backlog = backlog;
        this.subscription = subscription;
        this.overflow = subscription.options().overflow();
    }

    ChannelName channel() {
        return subscription.channel();
    }

    ChannelSubscription subscription() {
        return subscription;
    }

    /** Whether it goes on when nothing is left. */
    boolean isPermanent() {
        return overflow.dropsMessages();
    }

    /** Begins with the past after {@code position}; takes over the references of {@code live}. */
    void begin(StreamPosition position, List<Publication> past, List<EncodedMessage> live) {
        sent = position;
        missed = past;
        past.forEach(publication -> backlog.growMissed(publication.data().length));
        live.forEach(this::add);
    }

    @Override
    public void receive(MessageBatch batch) {
        if (isEmpty() && backlog.isWritable() && batch.bytes() <= SMALL_BYTES) {
            backlog.send(batch);
            return;
        }
        if (isEmpty()) {
            sent = before(batch);
        }
        for (int i = 0; i < batch.count(); i++) {
            add(batch.message(i).retain());
        }
        backlog.await(this);
    }

    @Override
    public void failed() {
        backlog.failed();
    }

    private void add(EncodedMessage frame) {
        if (overflow.policy() == Overflow.Policy.LATEST_ONLY && isPresence(frame)) {
            backlog.dropped(overflow.policy()); // or somebody's coming would cost the latest message
            frame.release();
            return;
        }
        frames.add(frame);
        messages += isPositionOnly(frame) ? 0 : 1;
        bytes += frame.size();
        backlog.grow(frame.size());
        while (overflow.dropsMessages() && !frames.isEmpty() && isTooMuch()) {
            dropOldest();
        }
    }

    /** One frame may stay whatever its size, or it could never be sent. */
    private boolean isTooMuch() {
        return messages > overflow.size() || (backlog.isFull() && (frames.size() > 1 || backlog.hasOthers(bytes)));
    }

    private void dropOldest() {
        EncodedMessage oldest = take();
        ServerFrame event = oldest.event();
        if (event == null && oldest.offset() > 0) {
            lose(oldest.offset(), oldest.offset());
        } else if (event instanceof ServerFrame.Gap gap) {
            lose(gap.from(), gap.to());
        } else if (event instanceof ServerFrame.Subscribed anew) {
            restart = anew.position();
            lostFrom = 0;
        }
        if (!isPositionOnly(oldest)) {
            backlog.dropped(overflow.policy());
        }
        oldest.release();
    }

    private void lose(long from, long to) {
        lostFrom = lostFrom == 0 ? from : lostFrom;
        lostTo = to;
    }

    private EncodedMessage take() {
        EncodedMessage oldest = frames.remove();
        messages -= isPositionOnly(oldest) ? 0 : 1;
        bytes -= oldest.size();
        backlog.grow(-oldest.size());
        return oldest;
    }

    /** Such a frame is never given up, only put together with its like. */
    private static boolean isPositionOnly(EncodedMessage frame) {
        return frame.event() instanceof ServerFrame.Gap || frame.event() instanceof ServerFrame.Subscribed;
    }

    private static boolean isPresence(EncodedMessage frame) {
        return frame.event() instanceof ServerFrame.Join || frame.event() instanceof ServerFrame.Leave;
    }

    boolean isEmpty() {
        return nextMissed == missed.size() && frames.isEmpty() && lostFrom == 0 && restart == null;
    }

    /** Notes that the backlog knows, or does no more; whether that is a change. */
    boolean await(boolean awaited) {
        boolean isChange = isAwaited != awaited;
        isAwaited = awaited;
        return isChange;
    }

    /** Writes, oldest first, as long as the backlog says; whether nothing is left. */
    boolean drain() {
        while (!isEmpty() && backlog.mayWrite()) {
            writeNext();
        }
        return isEmpty();
    }

    private void writeNext() {
        if (nextMissed < missed.size()) {
            writeMissed();
        } else if (restart != null) {
            ServerFrame frame = new ServerFrame.Subscribed(null, channel(), restart, false);
            restart = null;
            write(EncodedMessage.of(frame, ALLOCATOR));
        } else if (lostFrom != 0) {
            ServerFrame frame = new ServerFrame.Gap(channel(), lostFrom, lostTo);
            lostFrom = 0;
            write(EncodedMessage.of(frame, ALLOCATOR));
        } else {
            write(take());
        }
    }

    private void writeMissed() {
        Publication publication = missed.get(nextMissed);
        StreamPosition position = publication.position();
        if (position != null && sent != null && !position.epoch().equals(sent.epoch())) {
            StreamPosition end = new StreamPosition(position.epoch(), position.offset() - 1);
            write(EncodedMessage.of(new ServerFrame.Subscribed(null, channel(), end, true), ALLOCATOR));
            return;
        }
        EncodedMessage message =
                EncodedMessage.of(channel(), publication.data(), position == null ? 0 : position.offset(), ALLOCATOR);
        backlog.growMissed(-publication.data().length);
        if (++nextMissed == missed.size()) {
            missed = List.of();
            nextMissed = 0;
        }
        backlog.countMissed(message);
        write(message);
    }

    /** What the client was sent last, as far as the channel has positions. */
    @Nullable
    StreamPosition position() {
        return isEmpty() ? subscription.position() : sent;
    }

    /** The client is sent a frame, and is where that leaves it. */
    private void write(EncodedMessage frame) {
        StreamPosition before = sent;
        ServerFrame event = frame.event();
        if (event instanceof ServerFrame.Subscribed anew) {
            sent = anew.position();
        } else if (before != null && event instanceof ServerFrame.Gap gap) {
            sent = new StreamPosition(before.epoch(), gap.to());
        } else if (before != null && event == null) {
            sent = new StreamPosition(before.epoch(), frame.offset());
        }
        backlog.write(frame, sent);
    }

    /** Where the client is before it has got this batch. */
    private @Nullable StreamPosition before(MessageBatch batch) {
        StreamPosition after = batch.position(0);
        EncodedMessage first = batch.message(0);
        if (after == null || isPresence(first)) {
            return after;
        } else if (first.event() == null) {
            return new StreamPosition(after.epoch(), first.offset() - 1);
        }
        return first.event() instanceof ServerFrame.Gap gap
                ? new StreamPosition(after.epoch(), gap.from() - 1)
                : subscription.position(); // in the epoch that ends here
    }

    /** Lets go of everything. */
    void clear() {
        while (!frames.isEmpty()) {
            take().release();
        }
        missed.subList(nextMissed, missed.size()).forEach(past -> backlog.growMissed(-past.data().length));
        missed = List.of();
        nextMissed = 0;
        lostFrom = 0;
        restart = null;
    }
}
