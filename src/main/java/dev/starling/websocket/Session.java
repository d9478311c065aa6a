package dev.starling.websocket;

import dev.starling.channel.ChannelSubscription;
import dev.starling.channel.LoopSlots;
import dev.starling.channel.MessageBatch;
import dev.starling.channel.Receiver;
import dev.starling.channel.Recovered;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import dev.starling.security.ClientAddress;
import dev.starling.security.ConnectionPermit;
import dev.starling.security.VerifiedToken;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * One connection: its way out, its subscriptions, its end. There may be a hundred thousand, so each field is paid for that
 * many times, and nothing of the upgrade request is kept. Owned by the event loop of its Netty channel, which alone may
 * call it, but for {@link #send}, {@link #pendingBytes} and the getters of what never changes.
 */
final class Session extends LoopSlots.Slot implements Receiver, ChannelFutureListener {

    /** How long the client may take to answer our close frame before the connection is cut. */
    private static final long CLOSE_MILLIS = 2000;

    private final long id;
    private final Node node;
    private final Outbox outbox;
    private final ClientAddress address;
    private final ConnectionPermit permit;
    private final @Nullable MonoSink<Void> end;
    private final Traffic traffic;
    private final Liveness liveness;

    private VerifiedToken token;
    private @Nullable Map<ChannelName, ChannelSubscription> subscriptions;
    private @Nullable Closing closing;
    private @Nullable Departure departure;
    private @Nullable Backlog backlog;
    private long cutAtMillis;
    private boolean ended;

    /** @param end completed when the connection is gone and nothing of it is left; null if nobody waits for that */
    Session(long id, Node node, Outbox outbox, UpgradeInfo upgrade, Liveness liveness, @Nullable MonoSink<Void> end) {
        this.id = id;
        this.node = node;
        this.outbox = outbox;
        this.address = upgrade.address();
        this.permit = upgrade.permit();
        this.token = upgrade.token();
        this.traffic = new Traffic(Node.millis());
        this.liveness = liveness;
        this.end = end;
    }

    /** As clients and logs see it. */
    String id() {
        return Long.toUnsignedString(id, 36);
    }

    Node node() {
        return node;
    }

    EventLoop loop() {
        return outbox.channel().eventLoop();
    }

    ClientAddress address() {
        return address;
    }

    VerifiedToken token() {
        return token;
    }

    Traffic traffic() {
        return traffic;
    }

    Liveness liveness() {
        return liveness;
    }

    @Nullable
    Departure departure() {
        return departure;
    }

    void depart(Departure plan) {
        departure = plan;
    }

    /** Bytes that the kernel has not taken yet. Any thread may ask. */
    long pendingBytes() {
        return outbox.pendingBytes();
    }

    /** The same to the byte: it becomes less with all that the kernel takes. */
    long unsentBytes() {
        return outbox.unsentBytes();
    }

    /** Whether it is closing or closed: nothing more is received or sent. */
    boolean isClosing() {
        return closing != null || ended;
    }

    /** Whether to read from the socket; if not, the client comes to a halt by TCP's back-pressure. */
    void read(boolean on) {
        outbox.channel().config().setAutoRead(on || isClosing());
    }

    /** Whether the client can open its next connection before it gives up this one. */
    boolean canMove() {
        return !(outbox instanceof EventStreamOutbox);
    }

    /** Whether there is somebody to talk to. */
    boolean isConnected() {
        return outbox.channel().isActive();
    }

    /** Sends one frame. Any thread may call it. */
    void send(ServerFrame frame) {
        if (!loop().inEventLoop()) {
            loop().execute(() -> send(frame));
        } else if (!isClosing()) {
            write(frame);
            checkBacklog();
        }
    }

    private int write(ServerFrame frame) {
        ByteBuf encoded = node.codec().encode(frame, outbox.channel().alloc());
        int bytes = encoded.readableBytes();
        outbox.send(frame, encoded);
        traffic.sent(1, bytes);
        node.metrics().sent(frame, bytes);
        return bytes;
    }

    /** Sends a frame that may be large; completes when the socket takes more, so that nobody asks for much and does not read. */
    Mono<Void> sendLarge(ServerFrame frame) {
        if (isClosing()) {
            return Mono.empty();
        }
        int bytes = write(frame);
        outbox.flushHeld();
        if (outbox.pendingBytes() == 0) {
            return Mono.empty();
        }
        backlog().excuse(bytes);
        return backlog().whenWritable();
    }

    /** Completes when the client has read most of what it was to get of the past: else it could ask for more than there is room. */
    Mono<Void> whenCaughtUp() {
        return backlog != null && backlog.isBehind() ? backlog.whenWritable() : Mono.empty();
    }

    /** Asks the client for a sign of life. */
    void ping(long nowNanos) {
        if (!isClosing()) {
            outbox.ping(liveness, nowNanos);
            checkBacklog();
        }
    }

    /** Sends a control frame that is encoded already; takes over its reference. */
    void sendControl(ByteBuf frame) {
        if (isClosing()) {
            frame.release();
        } else {
            outbox.sendControl(frame);
            checkBacklog();
        }
    }

    @Override
    public void receive(MessageBatch batch) {
        if (!isClosing()) {
            outbox.send(batch);
            traffic.sent(batch.count(), batch.bytes());
            if (batch.events() > 0) {
                node.metrics().sentEvents(batch);
            }
            checkBacklog();
        }
    }

    /** The client is to come back, and recovers what it did not get. */
    @Override
    public void failed() {
        close(CloseCode.INTERNAL_ERROR);
    }

    private void checkBacklog() {
        long limit = node.limits().maxBacklog().toBytes();
        long pending = limit > 0 ? outbox.pendingBytes() : 0;
        if (pending > limit && outbox.flushHeld()) {
            pending = outbox.pendingBytes();
        }
        if (pending > limit && pending - (backlog == null ? 0 : backlog.excused(pending)) > limit) {
            closeAsSlow();
        }
    }

    /** Gives up on a client that does not read. */
    void closeAsSlow() {
        if (!isClosing()) {
            node.metrics().slowConsumer();
            node.log().slowConsumer(this);
            close(CloseCode.SLOW_CONSUMER);
        }
    }

    /** What waits on the node until the socket takes it; made, and put into the pipeline, if there is none. */
    private Backlog backlog() {
        Backlog known = backlog;
        if (known == null) {
            known = new Backlog(this, outbox);
            outbox.channel().pipeline().addAfter(Frames.DECODER, Frames.BACKLOG, known);
            backlog = known;
        }
        return known;
    }

    @Nullable
    ChannelSubscription subscription(ChannelName channel) {
        return subscriptions == null ? null : subscriptions.get(channel);
    }

    int subscriptionCount() {
        return subscriptions == null ? 0 : subscriptions.size();
    }

    /** Takes a subscription on; false if the session has ended meanwhile, and the subscription with it. */
    boolean join(ChannelSubscription subscription) {
        if (!keep(subscription)) {
            return false;
        }
        if (subscription.options().overflow().dropsMessages()) {
            backlog().watch(subscription);
        }
        return true;
    }

    /** The same with one that begins in the past: what was missed is sent at the next {@link #resume}. */
    boolean join(Recovered recovered) {
        ChannelSubscription subscription = recovered.subscription();
        if (!keep(subscription)) {
            recovered.live().forEach(EncodedMessage::release);
            return false;
        }
        if (recovered.missed().isEmpty()
                && recovered.live().isEmpty()
                && !subscription.options().overflow().dropsMessages()) {
            subscription.handTo(this);
        } else {
            backlog().watch(recovered);
        }
        return true;
    }

    private boolean keep(ChannelSubscription subscription) {
        if (isClosing()) {
            node.hub().unsubscribe(subscription);
            return false;
        }
        if (subscriptions == null) {
            subscriptions = new HashMap<>(2);
        }
        ChannelName channel = subscription.channel();
        subscriptions.put(channel, subscription);
        if (subscription.options().presence()) {
            node.presence().enter(channel, token.user(), id());
        }
        return true;
    }

    /** Sends what waits on the node, as far as the socket takes it. */
    void resume() {
        if (backlog != null) {
            backlog.resume();
        }
    }

    /** What the client was sent last of a subscription; null in a channel without history. */
    @Nullable
    StreamPosition position(ChannelSubscription subscription) {
        return backlog == null ? subscription.position() : backlog.position(subscription);
    }

    void leave(ChannelName channel) {
        ChannelSubscription subscription = subscriptions == null ? null : subscriptions.remove(channel);
        if (subscription != null) {
            unsubscribe(subscription);
            if (backlog != null) {
                backlog.remove(channel);
            }
        }
    }

    private void unsubscribe(ChannelSubscription subscription) {
        node.hub().unsubscribe(subscription);
        ChannelName channel = subscription.channel();
        if (subscription.options().presence()) {
            node.presence().leave(channel, id());
        }
    }

    List<ChannelName> channels() {
        return subscriptions == null ? List.of() : List.copyOf(subscriptions.keySet());
    }

    /** Goes on with a new token of the same user. */
    void refresh(VerifiedToken fresh) {
        token = fresh;
    }

    /** Says goodbye, waits for a while for the client to take it, and drops all that comes meanwhile. */
    void close(CloseCode code) {
        if (isClosing()) {
            return;
        }
        closes(Closing.by(code));
        cutAtMillis = Node.millis() + CLOSE_MILLIS;
        leaveAll();
        outbox.channel().config().setAutoRead(true);
        if (isConnected()) {
            outbox.close(code);
        }
    }

    /** Ends the connection at once; what the kernel still holds is thrown away, so that the dead cost no memory. */
    void cut(Closing why) {
        closes(why);
        Channel channel = outbox.channel();
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException gone) {
            // The socket is closed already, and holds nothing.
        }
        channel.close();
    }

    /** Says why the connection is about to end, unless that is known already. */
    void closes(Closing why) {
        if (closing == null) {
            closing = why.withPending(outbox.pendingBytes()); // closed, it would have none
        }
    }

    /** Whether a closing session has had its time. */
    boolean isOverdue(long nowMillis) {
        return cutAtMillis != 0 && nowMillis >= cutAtMillis;
    }

    /** The one place where a session ends, however the connection did. */
    @Override
    public void operationComplete(ChannelFuture closed) {
        if (ended) {
            return;
        }
        ended = true;
        leaveAll();
        node.registry().remove(this);
        permit.release();
        node.closed(this, closing == null ? Closing.LOST : closing);
        if (end != null) {
            end.success();
        }
    }

    private void leaveAll() {
        if (subscriptions != null) {
            subscriptions.values().forEach(this::unsubscribe);
            subscriptions = null;
        }
        if (backlog != null) {
            backlog.clear();
        }
    }
}
