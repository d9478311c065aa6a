package dev.starling.loadtest;

import dev.starling.loadtest.client.ChannelPlan;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes {@code publish} frames, without an object for each. One thread at a time. */
final class PublishFrame {

    private static final int ROOM = 512;

    private final ChannelPlan plan;
    private final int payloadBytes;
    private final boolean acknowledged;
    private byte[] bytes;
    private int length;

    /**
     * @param payloadBytes size of {@code data}, as far as what it has to say leaves room
     * @param acknowledged whether an answer is asked for
     */
    PublishFrame(ChannelPlan plan, int payloadBytes, boolean acknowledged) {
        this.plan = plan;
        this.payloadBytes = payloadBytes;
        this.acknowledged = acknowledged;
        this.bytes = new byte[payloadBytes + ROOM];
    }

    /** Writes one frame; {@link #bytes} has it then. */
    void write(int publisher, int channel, int sequence, long intendedNanos, long id) {
        length = 0;
        text("{\"type\":\"publish\",\"channel\":\"").text(plan.name(channel)).text("\",\"data\":");
        int start = length;
        text("{\"p\":").number(publisher).text(",\"c\":").number(channel);
        text(",\"n\":").number(sequence).text(",\"t\":").number(intendedNanos).text(",\"x\":\"");
        int pad = payloadBytes - (length - start) - 2;
        if (pad > 0) {
            Arrays.fill(bytes, length, length + pad, (byte) 'x');
            length += pad;
        }
        text("\"}");
        if (acknowledged) {
            text(",\"id\":").number(id);
        }
        text("}");
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    private PublishFrame text(String text) {
        int end = length + text.length();
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, end + ROOM);
        }
        byte[] ascii = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(ascii, 0, bytes, length, ascii.length);
        length = end;
        return this;
    }

    private PublishFrame number(long number) {
        return text(Long.toString(number));
    }
}
