package dev.starling.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A strict look over JSON text in UTF-8 that builds nothing. Each method starts at {@code at}, stays below {@code end}
 * and returns the index after what it read, or {@link #FAIL} if that is not there, not JSON (RFC 8259) or not UTF-8. It
 * takes no lone surrogate, but a key twice in an object.
 */
final class JsonScan {

    static final int FAIL = -1;

    /** Deeper values are for the parser: this one recurses. */
    static final int MAX_DEPTH = 64;

    private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
    private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private JsonScan() {}

    /** Any value, with at most {@code depth} objects and arrays open at once. */
    static int value(byte[] in, int at, int end, int depth) {
        if (at >= end) {
            return FAIL;
        }
        switch (in[at]) {
            case '"':
                return string(in, at, end);
            case '{':
                return depth > 0 ? object(in, at, end, depth - 1) : FAIL;
            case '[':
                return depth > 0 ? array(in, at, end, depth - 1) : FAIL;
            case 't':
                return literal(in, at, end, TRUE);
            case 'f':
                return literal(in, at, end, FALSE);
            case 'n':
                return literal(in, at, end, NULL);
            default:
                return number(in, at, end);
        }
    }

    /** Any white space, or none; never fails. */
    static int space(byte[] in, int at, int end) {
        int i = at;
        while (i < end && in[i] <= ' ' && isSpace(in[i])) {
            i++;
        }
        return i;
    }

    /** A colon with the white space around it. */
    static int colon(byte[] in, int at, int end) {
        int i = space(in, at, end);
        return i < end && in[i] == ':' ? space(in, i + 1, end) : FAIL;
    }

    static boolean startsWith(byte[] in, int at, int end, byte[] word) {
        if (end - at < word.length) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (in[at + i] != word[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private static int literal(byte[] in, int at, int end, byte[] word) {
        return startsWith(in, at, end, word) ? at + word.length : FAIL;
    }

    private static int object(byte[] in, int at, int end, int depth) {
        int i = space(in, at + 1, end);
        if (i < end && in[i] == '}') {
            return i + 1;
        }
        while (i < end && in[i] == '"') {
            i = string(in, i, end);
            i = i < 0 ? FAIL : colon(in, i, end);
            i = i < 0 ? FAIL : value(in, i, end, depth);
            if (i < 0) {
                return FAIL;
            }
            i = space(in, i, end);
            if (i >= end || in[i] != ',') {
                return i < end && in[i] == '}' ? i + 1 : FAIL;
            }
            i = space(in, i + 1, end);
        }
        return FAIL;
    }

    private static int array(byte[] in, int at, int end, int depth) {
        int i = space(in, at + 1, end);
        if (i < end && in[i] == ']') {
            return i + 1;
        }
        while (true) {
            i = value(in, i, end, depth);
            if (i < 0) {
                return FAIL;
            }
            i = space(in, i, end);
            if (i >= end || in[i] != ',') {
                return i < end && in[i] == ']' ? i + 1 : FAIL;
            }
            i = space(in, i + 1, end);
        }
    }

    private static int number(byte[] in, int at, int end) {
        int i = in[at] == '-' ? at + 1 : at;
        i = i < end && in[i] == '0' ? i + 1 : digits(in, i, end);
        if (i > 0 && i < end && in[i] == '.') {
            i = digits(in, i + 1, end);
        }
        if (i > 0 && i < end && (in[i] | 0x20) == 'e') {
            i++;
            i = digits(in, i < end && (in[i] == '+' || in[i] == '-') ? i + 1 : i, end);
        }
        return i;
    }

    /** One digit or more. */
    private static int digits(byte[] in, int at, int end) {
        int i = at;
        while (i < end && in[i] >= '0' && in[i] <= '9') {
            i++;
        }
        return i > at ? i : FAIL;
    }

    private static int string(byte[] in, int at, int end) {
        int i = at + 1;
        while (i >= 0 && i < end) {
            i = plain(in, i, end);
            if (i == end) {
                return FAIL;
            }
            byte b = in[i];
            if (b == '"') {
                return i + 1;
            }
            if (b == '\\') {
                i = escape(in, i, end);
            } else if (b < 0) {
                i = multibyte(in, i, end);
            } else if (b < ' ') {
                return FAIL;
            } else {
                i++;
            }
        }
        return FAIL;
    }

    /** Skips what needs no look in a string, eight bytes at a time; may stop early, within the last eight. */
    private static int plain(byte[] in, int at, int end) {
        int i = at;
        while (i <= end - Long.BYTES) {
            long word = (long) LONG.get(in, i);
            // A high bit marks each byte below space, each quote, backslash and non-ASCII byte. A borrow may mark more,
            // but only above a byte that is marked rightly, and the lowest is what counts.
            long marks = (word | (word - ' ' * ONES) | ((word ^ '"' * ONES) - ONES) | ((word ^ '\\' * ONES) - ONES))
                    & HIGH_BITS;
            if (marks != 0) {
                return i + Long.numberOfTrailingZeros(marks) / Byte.SIZE;
            }
            i += Long.BYTES;
        }
        return i;
    }

    private static int escape(byte[] in, int at, int end) {
        if (at + 1 >= end) {
            return FAIL;
        }
        switch (in[at + 1]) {
            case '"':
            case '\\':
            case '/':
            case 'b':
            case 'f':
            case 'n':
            case 'r':
            case 't':
                return at + 2;
            case 'u':
                return unicode(in, at, end);
            default:
                return FAIL;
        }
    }

    private static int unicode(byte[] in, int at, int end) {
        int unit = codeUnit(in, at, end);
        if (unit < 0 || Character.isLowSurrogate((char) unit)) {
            return FAIL;
        }
        if (!Character.isHighSurrogate((char) unit)) {
            return at + 6;
        }
        int second = codeUnit(in, at + 6, end);
        return second >= 0 && Character.isLowSurrogate((char) second) ? at + 12 : FAIL;
    }

    /** The value, not the index after it, of backslash, u and four hexadecimal digits. */
    private static int codeUnit(byte[] in, int at, int end) {
        if (end - at < 6 || in[at] != '\\' || in[at + 1] != 'u') {
            return FAIL;
        }
        int unit = 0;
        for (int i = at + 2; i < at + 6; i++) {
            int digit = Character.digit(in[i], 16);
            if (digit < 0) {
                return FAIL;
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }

    /** One character of two to four bytes, by table 3-7 of the Unicode standard: the second byte is the critical one. */
    private static int multibyte(byte[] in, int at, int end) {
        int first = in[at] & 0xff;
        int size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (first < 0xc2 || first > 0xf4 || end - at < size) {
            return FAIL;
        }
        int second = in[at + 1] & 0xff;
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            return FAIL;
        }
        for (int i = at + 2; i < at + size; i++) {
            if ((in[i] & 0xc0) != 0x80) {
                return FAIL;
            }
        }
        return at + size;
    }
}
