package dev.starling.websocket;

import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.CloseCode;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.InvalidTextException;
import dev.starling.protocol.MalformedFrameException;
import dev.starling.protocol.RequestId;
import dev.starling.protocol.ServerFrame;
import dev.starling.security.LimitsProperties;
import dev.starling.security.RateLimit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.http.websocket.WebsocketInbound;

/**
 * The way in of one session: the subscriber of its frames. Puts fragments together, keeps the rate, and hands one message
 * after the other to the dispatcher: while one is in work, nothing is read from the socket. Owned by the session's event
 * loop, which is also where all signals come.
 */
final class Inbound implements CoreSubscriber<WebSocketFrame> {

    private final Session session;
    private final FrameDispatcher dispatcher;
    private final WebsocketInbound stream;

    private @Nullable Fragments fragments;
    private @Nullable ArrayDeque<byte[]> waiting;
    private boolean busy;
    private boolean paused;
    private boolean resuming;
    private long startedNanos;
    private long rate;
    private long violations;
    private long malformed;

    Inbound(Session session, FrameDispatcher dispatcher, WebsocketInbound stream) {
        this.session = session;
        this.dispatcher = dispatcher;
        this.stream = stream;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        dispatcher.welcome(session); // here, since from here on a failing write has a subscriber to tell
        subscription.request(Long.MAX_VALUE); // back-pressure is by not reading the socket, see work()
    }

    @Override
    public void onNext(WebSocketFrame frame) {
        long now = Node.nanos();
        if (session.isClosing()) {
            return;
        }
        if (frame instanceof TextWebSocketFrame && frame.isFinalFragment()) {
            message(frame.content(), now);
        } else if (frame instanceof TextWebSocketFrame || frame instanceof ContinuationWebSocketFrame) {
            fragment(frame, now);
        } else if (frame instanceof PingWebSocketFrame) {
            ping(frame.content(), now);
        } else if (frame instanceof PongWebSocketFrame) {
            session.node().metrics().answered(session.liveness().answered(now));
        } else if (frame instanceof BinaryWebSocketFrame) {
            session.close(CloseCode.UNSUPPORTED_DATA);
        }
    }

    private void ping(ByteBuf payload, long now) {
        if (take(now) == null) {
            session.sendControl(Frames.pong(payload.alloc(), payload));
        }
    }

    private void fragment(WebSocketFrame frame, long now) {
        Fragments parts = fragments == null ? new Fragments() : fragments;
        fragments = parts;
        if (!parts.add(frame.content(), session.node().limits().maxMessageSize().toBytes())) {
            session.close(CloseCode.MESSAGE_TOO_BIG);
        } else if (frame.isFinalFragment()) {
            fragments = null;
            message(parts.message(), now);
        }
    }

    private void message(ByteBuf text, long now) {
        int length = text.readableBytes();
        session.traffic().received(length);
        session.node().metrics().receivedBytes(length);
        Long retryAfter = take(now);
        byte[] buffer = dispatcher.scratch(length);
        text.getBytes(text.readerIndex(), buffer, 0, length);
        if (retryAfter != null) {
            refuse(buffer, length, retryAfter);
        } else if (busy) {
            await(buffer, length);
        } else {
            startedNanos = now;
            work(buffer, length);
        }
    }

    /** Takes a token of the rate; null if there was one, else the milliseconds to wait. */
    private @Nullable Long take(long now) {
        Rates rates = session.node().rates();
        long next = rates.messages().take(rate, now);
        if (next != RateLimit.REFUSED) {
            rate = next;
            return null;
        }
        session.node().metrics().rateLimited();
        long count = rates.violations().take(violations, now);
        if (count == RateLimit.REFUSED) {
            session.close(CloseCode.RATE_LIMITED);
        } else {
            violations = count;
        }
        return rates.messages().retryAfterMillis(rate, now);
    }

    private void refuse(byte[] buffer, int length, long retryAfterMillis) {
        RequestId id = null;
        try {
            id = session.node().codec().decode(buffer, 0, length).id();
        } catch (MalformedFrameException | InvalidTextException unreadable) {
            // Then there is no id to say; that it was too much is the answer in any case.
        }
        session.send(new ServerFrame.Failure(
                ErrorCode.RATE_LIMITED, "too many messages per second", retryAfterMillis, id, null));
    }

    private void await(byte[] buffer, int length) {
        if (waiting == null) {
            waiting = new ArrayDeque<>();
        }
        byte[] message = new byte[length];
        System.arraycopy(buffer, 0, message, 0, length);
        waiting.add(message);
    }

    private void work(byte[] buffer, int length) {
        try {
            ClientFrame frame = session.node().codec().decode(buffer, 0, length);
            session.node().metrics().received(frame);
            Mono<Void> result = dispatcher.dispatch(session, frame);
            if (result == FrameDispatcher.DONE) {
                session.node().metrics().handled(Node.nanos() - startedNanos);
            } else {
                busy = true;
                result.subscribe(new Completion(frame));
                if (busy) {
                    paused = true;
                    session.read(false);
                }
            }
        } catch (MalformedFrameException failure) {
            malformed(failure);
        } catch (InvalidTextException failure) {
            session.node().metrics().malformed();
            session.close(CloseCode.INVALID_TEXT);
        }
    }

    private void malformed(MalformedFrameException failure) {
        session.node().metrics().malformed();
        long count = session.node().rates().malformed().take(malformed, Node.nanos());
        session.send(new ServerFrame.Failure(failure.code(), failure.message(), null, failure.id(), failure.channel()));
        if (count == RateLimit.REFUSED) {
            session.close(CloseCode.TOO_MANY_ERRORS);
        } else {
            malformed = count;
        }
    }

    private void done() {
        if (!session.loop().inEventLoop()) {
            session.loop().execute(this::done);
            return;
        }
        busy = false;
        session.node().metrics().handled(Node.nanos() - startedNanos);
        if (resuming) {
            return; // the loop below, further up on the stack, goes on
        }
        resuming = true;
        try {
            while (!busy && waiting != null && !waiting.isEmpty() && !session.isClosing()) {
                byte[] next = waiting.remove();
                startedNanos = Node.nanos();
                work(next, next.length);
            }
        } finally {
            resuming = false;
        }
        if (paused && !busy) {
            paused = false;
            session.read(true);
        }
    }

    /** The client said goodbye, and Reactor Netty has answered. */
    @Override
    public void onComplete() {
        stream.receiveCloseStatus()
                .subscribe(status ->
                        session.closes(new Closing(status.code(), status.reasonText(), Closing.Initiator.CLIENT)));
    }

    /** What came was no WebSocket, or the connection broke. */
    @Override
    public void onError(Throwable failure) {
        if (failure instanceof CorruptedWebSocketFrameException corrupted) {
            session.node().metrics().malformed();
            session.close(codeOf(corrupted.closeStatus().code()));
        } else if (failure instanceof IOException) {
            session.cut(Closing.LOST);
        } else if (session.isConnected()) {
            session.node().log().failed(session, failure);
            session.close(CloseCode.INTERNAL_ERROR);
        }
    }

    private static CloseCode codeOf(int status) {
        return status == CloseCode.MESSAGE_TOO_BIG.code()
                ? CloseCode.MESSAGE_TOO_BIG
                : status == CloseCode.INVALID_TEXT.code() ? CloseCode.INVALID_TEXT : CloseCode.PROTOCOL_ERROR;
    }

    /** Ends the work on one message. */
    private final class Completion implements CoreSubscriber<Void> {

        private final ClientFrame frame;

        private Completion(ClientFrame frame) {
            this.frame = frame;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Void nothing) {
            // There is nothing to come.
        }

        @Override
        public void onError(Throwable failure) {
            dispatcher.failed(session, frame, failure);
            done();
        }

        @Override
        public void onComplete() {
            done();
        }
    }

    /**
     * How often one session may do what.
     *
     * @param messages frames sent to us
     * @param violations frames over that rate, before the connection is closed with 4003
     * @param malformed frames that could not be understood, before the connection is closed with 4502
     */
    record Rates(RateLimit messages, RateLimit violations, RateLimit malformed) {

        static Rates of(LimitsProperties limits) {
            return new Rates(
                    RateLimit.of(limits.messageRate(), TimeUnit.SECONDS.toNanos(1), limits.messageBurst()),
                    perMinute(limits.maxRateViolations()),
                    perMinute(limits.maxMalformed()));
        }

        private static RateLimit perMinute(int count) {
            return RateLimit.of(count, TimeUnit.MINUTES.toNanos(1), count);
        }
    }

    /** The parts of one message that came in several frames (RFC 6455, section 5.4). */
    static final class Fragments {

        /** A message in more parts than this is an attack on us, not a message. */
        private static final int MAX_PARTS = 1024;

        private static final int FIRST_BYTES = 1024;

        private final ByteBuf parts = Unpooled.buffer(FIRST_BYTES);
        private int count;

        /** Adds a copy of the part; false if the message is too long now, or has too many parts. */
        boolean add(ByteBuf part, long maxBytes) {
            if (++count > MAX_PARTS || parts.readableBytes() + part.readableBytes() > maxBytes) {
                return false;
            }
            parts.writeBytes(part, part.readerIndex(), part.readableBytes());
            return true;
        }

        /** All parts; on the heap, so that it need not be released. */
        ByteBuf message() {
            return parts;
        }
    }
}
