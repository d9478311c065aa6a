package dev.starling.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frame decoder of a session. It sees each byte first: a client that takes long to send one frame is not dead. It tells the way out
 * when a read begins and ends, so that the answers to it leave in one go. It inflates what came deflated. A bad frame is reported, and
 * from then on it looks for the client's close frame only, see {@link ClosingHandshake}.
 */
final class SessionDecoder extends WebSocket13FrameDecoder {

    /** How many times {@code max-message-size} a deflated frame may have on the wire: a flush after each byte takes 7 bytes each. */
    private static final int MOST_OVERHEAD = 8;

    private static final int RESERVED = 0x70;
    private static final int DEFLATED = 0x40;
    private static final int CONTROL = 0x08;
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int HIGHEST_CODE = 4999;

    /** What stands for a length of two bytes, and for one of eight. */
    private static final int SHORT = 126;

    private static final int LONG = 127;

    private final Liveness liveness;
    private final Outbox outbox;
    private final int maxMessageBytes;
    private final @Nullable Inflation inflation;

    /** The first byte of the frame that is being read. */
    private byte head;

    private boolean inFrame;
    private boolean inDeflatedMessage;
    private boolean failed;
    private boolean saidGoodbye;

    /** @param deflates whether client and server agreed on compression */
    SessionDecoder(Liveness liveness, Outbox outbox, int maxMessageBytes, boolean deflates) {
        super(WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(deflates ? MOST_OVERHEAD * maxMessageBytes : maxMessageBytes)
                .allowExtensions(true) // what is reserved is checked here
                .closeOnProtocolViolation(false)
                .build());
        this.liveness = liveness;
        this.outbox = outbox;
        this.maxMessageBytes = maxMessageBytes;
        this.inflation = deflates ? new Inflation(maxMessageBytes) : null;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) throws Exception {
        liveness.heard(Node.nanos());
        outbox.beginRead();
        super.channelRead(context, bytes);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        outbox.endRead();
        super.channelReadComplete(context);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        if (saidGoodbye) {
            in.skipBytes(in.readableBytes());
        } else if (failed) {
            awaitGoodbye(in, out);
        } else {
            try {
                read(context, in, out);
            } catch (CorruptedWebSocketFrameException failure) {
                failed = true;
                context.fireExceptionCaught(failure); // the session says why, and waits for the client's answer
                awaitGoodbye(in, out);
            }
        }
    }

    private void read(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        if (!inFrame) {
            head = in.getByte(in.readerIndex());
            if ((head & CONTROL)
                    == 0) { // one of a control frame is reported with all of it, since that may be the goodbye
                checkReserved();
                if (inflation != null && !isDeflated() && !hasLength(in)) {
                    return;
                }
            }
            inFrame = true;
        }
        super.decode(context, in, out);
        if (!out.isEmpty()) {
            inFrame = false;
            out.add(checked(context, (WebSocketFrame) out.remove(0)));
        }
    }

    private void checkReserved() {
        int opcode = head & 0xf;
        boolean mayDeflate = inflation != null && (opcode == TEXT || opcode == BINARY);
        if ((head & RESERVED & (mayDeflate ? ~DEFLATED : ~0)) != 0) {
            throw violation("a reserved bit");
        }
    }

    private boolean isDeflated() {
        return (head & 0xf) == CONTINUATION ? inDeflatedMessage : (head & DEFLATED) != 0;
    }

    /** Netty's limit is that of deflated frames; this is that of the others. False if the length has not come yet. */
    private boolean hasLength(ByteBuf in) {
        int second = in.readerIndex() + 1;
        int form = in.isReadable(2) ? in.getByte(second) & 0x7f : 0;
        if (!in.isReadable(2 + (form == LONG ? Long.BYTES : form == SHORT ? Short.BYTES : 0))) {
            return false;
        }
        long length = form == LONG ? in.getLong(second + 1) : form == SHORT ? in.getUnsignedShort(second + 1) : form;
        if (length > maxMessageBytes) {
            throw new CorruptedWebSocketFrameException(WebSocketCloseStatus.MESSAGE_TOO_BIG, "too big");
        }
        return true;
    }

    private WebSocketFrame checked(ChannelHandlerContext context, WebSocketFrame frame) {
        try {
            if (frame instanceof CloseWebSocketFrame close) {
                checkReserved();
                checkCode(close.content());
                saidGoodbye = true;
            } else if (frame instanceof PingWebSocketFrame || frame instanceof PongWebSocketFrame) {
                checkReserved();
            } else if (inflation != null) {
                return inflated(context, frame, inflation);
            }
            return frame.retain();
        } finally {
            frame.release();
        }
    }

    /** Netty has checked the others. */
    private static void checkCode(ByteBuf payload) {
        if (payload.isReadable(2) && payload.getUnsignedShort(payload.readerIndex()) > HIGHEST_CODE) {
            throw violation("a close code over " + HIGHEST_CODE);
        }
    }

    private WebSocketFrame inflated(ChannelHandlerContext context, WebSocketFrame frame, Inflation inflation) {
        if (!(frame instanceof ContinuationWebSocketFrame)) {
            inDeflatedMessage = (head & DEFLATED) != 0;
        }
        return inDeflatedMessage
                ? frame.replace(inflation.inflate(frame.content(), frame.isFinalFragment(), context.alloc()))
                : frame.retain();
    }

    private static CorruptedWebSocketFrameException violation(String what) {
        return new CorruptedWebSocketFrameException(WebSocketCloseStatus.PROTOCOL_ERROR, what);
    }

    /** Drops what came but what may be the beginning of a close frame; hands on an empty one for it, which ends the connection. */
    private void awaitGoodbye(ByteBuf in, List<Object> out) {
        if ((head & 0xf) == CLOSE || Goodbye.ends(in)) {
            saidGoodbye = true;
            in.skipBytes(in.readableBytes());
            out.add(new CloseWebSocketFrame());
        } else {
            in.readerIndex(Math.max(0, in.writerIndex() - Goodbye.MOST_BYTES));
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        if (inflation != null) {
            inflation.end();
        }
    }
}
