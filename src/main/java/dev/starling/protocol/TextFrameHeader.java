package dev.starling.protocol;

import io.netty.buffer.ByteBuf;

/**
 * The header of an unmasked text frame in one piece.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section 5.2</a>
 */
final class TextFrameHeader {

    private static final int FINAL_TEXT = 0x81;
    private static final int MAX_7_BITS = 125;
    private static final int MAX_16_BITS = 0xffff;

    private TextFrameHeader() {}

    /** How many bytes the header of such a payload has. */
    static int size(int payloadBytes) {
        return payloadBytes <= MAX_7_BITS ? 2 : payloadBytes <= MAX_16_BITS ? 4 : 10;
    }

    /** How many bytes the header of this frame has. */
    static int sizeOf(ByteBuf frame) {
        int length = frame.getByte(frame.readerIndex() + 1);
        return length <= MAX_7_BITS ? 2 : length == 126 ? 4 : 10;
    }

    static void write(ByteBuf out, int payloadBytes) {
        out.writeByte(FINAL_TEXT);
        if (payloadBytes <= MAX_7_BITS) {
            out.writeByte(payloadBytes);
        } else if (payloadBytes <= MAX_16_BITS) {
            out.writeByte(126).writeShort(payloadBytes);
        } else {
            out.writeByte(127).writeLong(payloadBytes);
        }
    }
}
