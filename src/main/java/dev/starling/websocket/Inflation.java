package dev.starling.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Inflates the messages of one connection, frame by frame. Netty's decoder is not used because it knows no limit per message, takes
 * frames that inflate to nothing for faults, and inflates nothing after a client's final block.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.2">RFC 7692, section 7.2.2</a>
 */
final class Inflation {

    /** The end of an empty block, which the sender leaves out. */
    private static final byte[] TAIL = {0, 0, -1, -1};

    private static final int FIRST_BYTES = 256;

    private final Inflater inflater = new Inflater(true);
    /** How often a client may end its stream within a message: an end costs us much, and the client two bytes. */
    private static final int MOST_ENDS = 16;

    private final int maxMessageBytes;
    private int messageBytes;
    private int ends;

    Inflation(int maxMessageBytes) {
        this.maxMessageBytes = maxMessageBytes;
    }

    /**
     * What a frame of a message inflates to; the caller owns it.
     *
     * @param last whether the message ends with it
     * @throws CorruptedWebSocketFrameException if the message is not deflated, or too big once inflated
     */
    ByteBuf inflate(ByteBuf frame, boolean last, ByteBufAllocator allocator) {
        ByteBuf text = allocator.buffer(Math.min(maxMessageBytes, Math.max(FIRST_BYTES, 2 * frame.readableBytes())));
        try {
            inflate(frame.nioBuffer(), text);
            if (last) {
                inflate(ByteBuffer.wrap(TAIL), text);
                messageBytes = 0;
                ends = 0;
            }
            return text;
        } catch (DataFormatException | CorruptedWebSocketFrameException failure) {
            text.release();
            throw failure instanceof CorruptedWebSocketFrameException tooBig
                    ? tooBig
                    : new CorruptedWebSocketFrameException(WebSocketCloseStatus.PROTOCOL_ERROR, "not deflated");
        }
    }

    private void inflate(ByteBuffer in, ByteBuf text) throws DataFormatException {
        inflater.setInput(in);
        while (true) {
            text.ensureWritable(1);
            ByteBuffer room = text.nioBuffer(text.writerIndex(), text.writableBytes());
            int count = inflater.inflate(room);
            text.writerIndex(text.writerIndex() + count);
            messageBytes += count;
            if (messageBytes > maxMessageBytes) {
                throw new CorruptedWebSocketFrameException(WebSocketCloseStatus.MESSAGE_TOO_BIG, "too big inflated");
            }
            if (inflater.finished()) { // the client ended its stream, and begins another one (section 7.2.3.4)
                if (++ends > MOST_ENDS) {
                    throw new DataFormatException();
                }
                inflater.reset();
                inflater.setInput(in);
            } else if (count == 0) {
                return;
            }
        }
    }

    /** Gives the memory back. */
    void end() {
        inflater.end();
    }
}
