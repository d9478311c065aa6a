package dev.starling.loadtest.client;

import java.nio.charset.StandardCharsets;

/**
 * One text frame of the server, looked at in place: members are found by their name, without a tree. It is meant for frames
 * whose {@code data} this tool wrote, so that no name is found inside of a value. Owned by one event loop, and valid only
 * until the call that hands it out returns.
 */
public final class ServerText {

    /** What {@link #number} answers if there is none. */
    public static final long NONE = Long.MIN_VALUE;

    private static final byte[] TYPE = name("type");

    private byte[] bytes = new byte[0];
    private int from;
    private int to;

    /** The bytes before the value of a member. */
    static byte[] name(String member) {
        return ("\"" + member + "\":").getBytes(StandardCharsets.US_ASCII);
    }

    /** A type as {@link #is} wants it. */
    static byte[] type(String type) {
        return ("\"" + type + "\"").getBytes(StandardCharsets.US_ASCII);
    }

    public void set(byte[] frame, int start, int end) {
        bytes = frame;
        from = start;
        to = end;
    }

    /** Whether the frame is of this type. */
    public boolean is(byte[] type) {
        int at = value(TYPE);
        return at >= 0 && startsWith(type, at);
    }

    /** The whole number that a member has; {@link #NONE} if there is no such member. */
    public long number(byte[] name) {
        int at = value(name);
        if (at < 0) {
            return NONE;
        }
        boolean negative = bytes[at] == '-';
        int digit = negative ? at + 1 : at;
        int first = digit;
        long number = 0;
        while (digit < to && bytes[digit] >= '0' && bytes[digit] <= '9') {
            number = number * 10 + (bytes[digit++] - '0');
        }
        return digit == first ? NONE : negative ? -number : number;
    }

    /** The text that a member has, which must be without escapes; empty if there is no such member. */
    public String text(byte[] name) {
        int at = value(name);
        if (at < 0 || bytes[at] != '"') {
            return "";
        }
        int end = at + 1;
        while (end < to && bytes[end] != '"') {
            end++;
        }
        return new String(bytes, at + 1, end - at - 1, StandardCharsets.UTF_8);
    }

    /** Whether a member is there and begins with these bytes. */
    public boolean has(byte[] name, byte[] value) {
        int at = value(name);
        return at >= 0 && startsWith(value, at);
    }

    private int value(byte[] name) {
        for (int i = from; i <= to - name.length; i++) {
            if (bytes[i] == '"' && startsWith(name, i)) {
                return skipBlanks(i + name.length);
            }
        }
        return -1;
    }

    private int skipBlanks(int start) {
        int at = start;
        while (at < to && bytes[at] == ' ') {
            at++;
        }
        return at < to ? at : -1;
    }

    private boolean startsWith(byte[] wanted, int at) {
        if (at + wanted.length > to) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (bytes[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }
}
