package dev.starling.journey;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One WebSocket frame, legal or not (RFC 6455, section 5.2).
 *
 * @param reserved the three reserved bits, 0 to 7
 * @param masked whether it carries a mask, as everything from a client must
 * @param lengthBytes how the length is written: 1, 2 or 8 bytes; 0 for the shortest that fits
 * @param declaredLength what the header says, the truth or not
 */
record RawFrame(
        boolean last, int reserved, int opcode, boolean masked, int lengthBytes, long declaredLength, byte[] payload) {

    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};

    static RawFrame of(int opcode, byte[] payload) {
        return new RawFrame(true, 0, opcode, true, 0, payload.length, payload);
    }

    static RawFrame text(String text) {
        return of(TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A close frame with a code. */
    static RawFrame close(int code) {
        return of(CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
    }

    /** The same, but more frames of the same message follow. */
    RawFrame open() {
        return new RawFrame(false, reserved, opcode, masked, lengthBytes, declaredLength, payload);
    }

    RawFrame reserved(int bits) {
        return new RawFrame(last, bits, opcode, masked, lengthBytes, declaredLength, payload);
    }

    RawFrame unmasked() {
        return new RawFrame(last, reserved, opcode, false, lengthBytes, declaredLength, payload);
    }

    /** The same with another way to write its length, and another length to write. */
    RawFrame length(int bytes, long declared) {
        return new RawFrame(last, reserved, opcode, masked, bytes, declared, payload);
    }

    String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    /** The code of a close frame; 1005 if it has none (RFC 6455, section 7.1.5). */
    int closeCode() {
        return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
    }

    /** The reason of a close frame. */
    String closeReason() {
        return payload.length < 2 ? "" : text(2);
    }

    /** The bytes on the wire. */
    byte[] encode() {
        ByteArrayOutputStream wire = new ByteArrayOutputStream(payload.length + 14);
        wire.write((last ? 0x80 : 0) | reserved << 4 | opcode);
        writeLength(wire);
        if (masked) {
            wire.writeBytes(MASK);
        }
        for (int i = 0; i < payload.length; i++) {
            wire.write(masked ? payload[i] ^ MASK[i & 3] : payload[i]);
        }
        return wire.toByteArray();
    }

    private void writeLength(ByteArrayOutputStream wire) {
        int maskBit = masked ? 0x80 : 0;
        int bytes = lengthBytes != 0 ? lengthBytes : declaredLength < 126 ? 1 : declaredLength < 65_536 ? 2 : 8;
        switch (bytes) {
            case 1 -> wire.write(maskBit | (int) declaredLength);
            case 2 -> {
                wire.write(maskBit | 126);
                wire.writeBytes(
                        ByteBuffer.allocate(2).putShort((short) declaredLength).array());
            }
            default -> {
                wire.write(maskBit | 127);
                wire.writeBytes(ByteBuffer.allocate(8).putLong(declaredLength).array());
            }
        }
    }

    private String text(int from) {
        return new String(payload, from, payload.length - from, StandardCharsets.UTF_8);
    }
}
