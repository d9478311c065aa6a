package dev.starling.websocket;

import dev.starling.channel.ChannelSubscription;
import dev.starling.channel.MessageBatch;
import dev.starling.channel.Recovered;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import dev.starling.setting.Overflow;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * What one session has still to send and keeps back while its socket does not take more, so that it need not be closed as a
 * slow consumer. Only sessions have one that recover, ask for history or subscribe to channels that drop messages. Stands in
 * the pipeline to learn when the socket takes more again. Owned by the session's event loop.
 */
final class Backlog extends ChannelInboundHandlerAdapter {

    /** Frames per turn, so that a loop also serves its other sessions. */
    private static final int TURN = 256;

    /** Bytes between two flushes: what TLS holds back until one does not count as pending. */
    private static final int FLUSH_BYTES = 64 * 1024;

    private final Session session;
    private final Outbox outbox;
    private final Map<ChannelName, HeldMessages> held = new HashMap<>(2);
    private final ArrayDeque<HeldMessages> waiting = new ArrayDeque<>(2);
    private @Nullable MonoSink<Void> whenWritable;
    private long heldBytes;
    private long excusedBytes;
    private long missedBytes;
    private int turn;
    private int unflushed;
    private boolean resuming;

    Backlog(Session session, Outbox outbox) {
        this.session = session;
        this.outbox = outbox;
    }

    /** Has a subscription's messages come by way of here, if its channel drops messages. */
    void watch(ChannelSubscription subscription) {
        if (subscription.options().overflow().dropsMessages()) {
            hold(subscription);
        }
    }

    private HeldMessages hold(ChannelSubscription subscription) {
        HeldMessages messages = new HeldMessages(this, subscription);
        held.put(subscription.channel(), messages);
        subscription.handTo(messages);
        return messages;
    }

    /** Has a subscription begin with what the client has missed, at the next {@link #resume}. */
    void watch(Recovered recovered) {
        HeldMessages messages = hold(recovered.subscription());
        messages.begin(recovered.position(), recovered.missed(), recovered.live());
        messages.await(true);
        waiting.add(messages);
    }

    /** Forgets a subscription. */
    void remove(ChannelName channel) {
        HeldMessages messages = held.remove(channel);
        if (messages != null) {
            waiting.remove(messages);
            messages.clear();
        }
    }

    /** Forgets all, and whoever waits for the socket waits no more. */
    void clear() {
        waiting.clear();
        held.values().forEach(HeldMessages::clear);
        held.clear();
        release();
    }

    /** What the client was sent last of a subscription, as far as its channel has positions. */
    @Nullable
    StreamPosition position(ChannelSubscription subscription) {
        HeldMessages messages = held.get(subscription.channel());
        return messages == null ? subscription.position() : messages.position();
    }

    boolean isWritable() {
        return outbox.isWritable();
    }

    /** Whether one more frame may be written in this turn. */
    boolean mayWrite() {
        return turn > 0 && unflushed < FLUSH_BYTES && outbox.isWritable();
    }

    /** Whether as much is held as may be. */
    boolean isFull() {
        long limit = session.node().limits().maxBacklog().toBytes();
        return limit > 0 && heldBytes > limit;
    }

    /** Whether more than these bytes is held, that is, something of other subscriptions. */
    boolean hasOthers(long bytes) {
        return heldBytes > bytes;
    }

    void grow(long bytes) {
        heldBytes += bytes;
    }

    void dropped(Overflow.Policy policy) {
        session.node().metrics().dropped(policy);
    }

    /** What is written by way of here, and still waits, makes nobody a slow consumer; at most this much of {@code pending}. */
    long excused(long pending) {
        excusedBytes = Math.min(excusedBytes, pending);
        return excusedBytes;
    }

    void excuse(long bytes) {
        excusedBytes = excused(outbox.pendingBytes()) + bytes;
    }

    /** Sends a batch as it came. */
    void send(MessageBatch batch) {
        excuse(batch.bytes());
        session.receive(batch);
    }

    void failed() {
        session.failed();
    }

    /** Writes a frame that leaves the client at {@code after}, and takes over its reference. */
    void write(EncodedMessage frame, @Nullable StreamPosition after) {
        ServerFrame event = frame.event();
        if (event != null) {
            session.node().metrics().sent(event, frame.size());
        }
        turn--;
        unflushed += frame.size();
        excuse(frame.size());
        session.traffic().sent(1, frame.size());
        outbox.write(frame, after);
        frame.release();
    }

    /** Counts a message that did not come from the hub, which would have counted it. */
    void countMissed(EncodedMessage message) {
        session.node().metrics().recovered(message.size());
    }

    /** Has messages sent when the socket takes them, which may be now. */
    void await(HeldMessages messages) {
        if (!messages.isEmpty() && messages.await(true)) {
            waiting.add(messages);
        }
        if (!messages.isPermanent() && isBeyondRecovery()) {
            session.closeAsSlow();
        } else if (isWritable()) {
            resume();
        }
    }

    /** Who catches up has some more room than others, but not for ever. */
    private boolean isBeyondRecovery() {
        return isFull() && heldBytes > session.node().hub().recoveryBytes();
    }

    /** Sends as much as the socket takes. */
    void resume() {
        if (resuming || session.isClosing()) {
            return; // a flush may come here again
        }
        resuming = true;
        turn = TURN;
        try {
            while (!waiting.isEmpty() && mayWrite()) {
                writeRound();
                unflushed = 0;
                outbox.flush();
            }
        } catch (RuntimeException | Error failure) { // that direct memory is used up is an error to Netty
            session.node().log().failed(session, failure);
            session.close(CloseCode.INTERNAL_ERROR); // to go on would leave something out
        } finally {
            resuming = false;
        }
        if (isWritable()) {
            if (!isBehind()) {
                release();
            }
            if (!waiting.isEmpty()) {
                session.loop().execute(this::resume);
            }
        }
    }

    private void writeRound() {
        for (int i = waiting.size(); i > 0 && mayWrite(); i--) {
            HeldMessages next = waiting.remove();
            if (!next.drain()) {
                waiting.add(next);
                continue;
            }
            next.await(false);
            if (!next.isPermanent()) {
                held.remove(next.channel());
                next.subscription().handTo(session);
            }
        }
    }

    /** Whether so much of the past waits that the client should read it before it asks for more. */
    boolean isBehind() {
        long limit = session.node().limits().maxBacklog().toBytes();
        return limit > 0 && missedBytes > limit;
    }

    void growMissed(long bytes) {
        missedBytes += bytes;
    }

    /** Completes when the socket takes more, and not much of the past waits for it; for one caller at a time. */
    Mono<Void> whenWritable() {
        return Mono.create(sink -> {
            if ((isWritable() && !isBehind()) || session.isClosing()) {
                sink.success();
            } else {
                whenWritable = sink;
            }
        });
    }

    private void release() {
        MonoSink<Void> waiter = whenWritable;
        if (waiter != null) {
            whenWritable = null;
            waiter.success();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            session.liveness().heard(Node.nanos()); // the client reads, though its pongs may wait behind a request
            context.executor().execute(this::resume); // not from within the flush that brought it
        }
        context.fireChannelWritabilityChanged();
    }
}
