package dev.starling.loadtest.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket to the server: the only object of this tool that each connection has, beside its owner's. Its event loop
 * owns it, and all methods are for that loop, unless they say otherwise.
 */
public final class ClientConnection extends ChannelInboundHandlerAdapter implements FrameReader.Sink {

    /** What a connection tells its owner, always on the connection's event loop. */
    interface Events {

        /** A text frame; it may be looked at until this returns. */
        void frame(ClientConnection connection, ServerText frame);

        /** The answer to a WebSocket ping. */
        default void pong(ClientConnection connection) {}

        /** It has ended, or never opened. Called once. */
        void ended(ClientConnection connection, Ending ending);
    }

    private static final int MAX_PAYLOAD_BYTES = 16 << 20;
    private static final int MAX_HEAD_BYTES = 32 << 10;
    private static final long CLOSE_MILLIS = 10_000;
    private static final byte[] NOTHING = {};

    private final LoopDesk desk;
    private final Target target;
    private final Events events;
    private final long startedNanos;
    private byte @Nullable [] request;
    private long seed;
    private byte[] rest = NOTHING;
    private @Nullable Channel channel;
    private @Nullable Future<?> deadline;
    private boolean upgraded;
    private boolean ended;
    private boolean leaving;

    /** @param startedNanos when it was meant to be opened */
    ClientConnection(LoopDesk desk, Target target, @Nullable String token, Events events, long startedNanos) {
        this.desk = desk;
        this.target = target;
        this.events = events;
        this.startedNanos = startedNanos;
        this.seed = Upgrade.seed();
        this.request = Upgrade.request(target, token, seed);
    }

    /** When it was meant to be opened. Any thread may ask. */
    long startedNanos() {
        return startedNanos;
    }

    /** What its loop's connections share. */
    LoopDesk desk() {
        return desk;
    }

    Target target() {
        return target;
    }

    boolean isUpgraded() {
        return upgraded;
    }

    EventLoop loop() {
        return desk.loop();
    }

    void attach(Channel open) {
        channel = open;
    }

    /** Writes a text frame, without a flush. */
    public void write(String text) {
        Channel open = channel;
        if (open != null) {
            open.write(MaskedFrame.text(open.alloc(), text), open.voidPromise());
        }
    }

    public void write(int opcode, byte[] payload, int from, int to) {
        Channel open = channel;
        if (open != null) {
            open.write(MaskedFrame.of(open.alloc(), opcode, payload, from, to), open.voidPromise());
        }
    }

    public void flush() {
        Channel open = channel;
        if (open != null) {
            open.flush();
        }
    }

    /** Stops or goes on reading. */
    public void reading(boolean on) {
        if (channel != null) {
            channel.config().setAutoRead(on);
        }
    }

    /** It fails after a time, unless by then it has ended, or {@link #inTime} was called. */
    void failAfter(long millis, Supplier<Ending> why) {
        inTime();
        deadline = loop().schedule(() -> fail(why.get()), millis, TimeUnit.MILLISECONDS);
    }

    /** What it had to do until its deadline is done: the timer lets go of it. */
    void inTime() {
        Future<?> timer = deadline;
        deadline = null;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** Ends it as a well-behaved client does: the server answers, if it does so in time. */
    public void leave() {
        if (leaving || ended) {
            return;
        }
        leaving = true;
        Channel open = channel;
        if (open == null) {
            return;
        }
        if (!upgraded) {
            open.close();
        } else {
            open.writeAndFlush(MaskedFrame.close(open.alloc(), 1000), open.voidPromise());
            failAfter(CLOSE_MILLIS, () -> Ending.of("close not answered"));
        }
    }

    /** Ends it by a reset, as if the cable were cut. */
    public void reset() {
        leaving = true;
        Channel open = channel;
        if (open != null) {
            open.config().setOption(ChannelOption.SO_LINGER, 0);
            open.close();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = context.channel();
        if (!target.tls()) {
            sendRequest(context);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                sendRequest(context);
            } else {
                end(Ending.of("TLS handshake failed"));
                context.close();
            }
        }
    }

    private void sendRequest(ChannelHandlerContext context) {
        byte[] bytes = request;
        request = null;
        if (bytes != null) {
            context.writeAndFlush(Unpooled.wrappedBuffer(bytes), context.voidPromise());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf read = (ByteBuf) message;
        int kept = rest.length;
        int length = kept + read.readableBytes();
        byte[] bytes = desk.borrow(length);
        try {
            System.arraycopy(rest, 0, bytes, 0, kept);
            read.readBytes(bytes, kept, length - kept);
            desk.tick();
            int used = ended ? length : take(bytes, length);
            rest = used == length ? NOTHING : Arrays.copyOfRange(bytes, used, length);
        } catch (FrameReader.BrokenFrameException e) {
            end(Ending.of(String.valueOf(e.getMessage())));
            context.close();
        } finally {
            read.release();
            desk.giveBack(bytes);
        }
    }

    private int take(byte[] bytes, int length) {
        int from = 0;
        if (!upgraded) {
            from = Upgrade.end(bytes, 0, length);
            if (from < 0) {
                if (length > MAX_HEAD_BYTES) {
                    throw new FrameReader.BrokenFrameException("not HTTP");
                }
                return 0;
            }
            if (!accept(Upgrade.answer(bytes, 0, from))) {
                return length;
            }
        }
        return FrameReader.read(bytes, from, length, MAX_PAYLOAD_BYTES, this);
    }

    private boolean accept(Upgrade.Answer answer) {
        if (answer.status() == 101 && answer.accept().equals(Upgrade.accept(seed))) {
            upgraded = true;
            return true;
        }
        end(
                answer.status() == 101
                        ? Ending.of("wrong accept key")
                        : answer.status() == 0
                                ? Ending.of("not HTTP")
                                : Ending.refused(answer.status(), answer.retryAfterSeconds()));
        if (channel != null) {
            channel.close();
        }
        return false;
    }

    @Override
    public boolean frame(int opcode, byte[] bytes, int from, int to) {
        switch (opcode) {
            case FrameReader.TEXT -> {
                desk.text().set(bytes, from, to);
                events.frame(this, desk.text());
            }
            case FrameReader.PING -> {
                write(FrameReader.PONG, bytes, from, to);
                flush();
            }
            case FrameReader.PONG -> events.pong(this);
            case FrameReader.CLOSE -> closed(bytes, from, to);
            default -> throw new FrameReader.BrokenFrameException("opcode " + opcode);
        }
        return !ended;
    }

    private void closed(byte[] bytes, int from, int to) {
        int code = to - from < 2 ? 1005 : ((bytes[from] & 0xff) << 8) | (bytes[from + 1] & 0xff);
        Channel open = channel;
        if (open != null && leaving) {
            // This close frame is the answer to ours.
            open.close();
        } else if (open != null) {
            open.writeAndFlush(MaskedFrame.close(open.alloc(), code == 1005 ? 1000 : code))
                    .addListener(ChannelFutureListener.CLOSE);
        }
        end(Ending.closed(code));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(Ending.of(upgraded ? "cut without a close frame" : "cut before the answer"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(Ending.of(cause, upgraded));
        context.close();
    }

    /** Ends it for a reason that the socket does not know: it could not connect, or took too long. */
    void fail(Ending ending) {
        end(ending);
        if (channel != null) {
            channel.close();
        }
    }

    private void end(Ending ending) {
        if (!ended) {
            ended = true;
            inTime();
            rest = NOTHING;
            events.ended(this, leaving ? ending.wanted() : ending);
        }
    }
}
