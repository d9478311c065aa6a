package dev.starling.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The fast reading of a client's frame: one pass over the bytes, no tree, nothing allocated but the frame. It knows the
 * frames that clients send all day, written as client libraries write them, and gives up on everything odd: it then says
 * null, and {@link EnvelopeParser} decides. What it accepts is valid throughout, {@code data} included, and the parser
 * would make the same of it. Holds the places of the fields during a scan, hence one per thread.
 */
final class EnvelopeScanner {

    private static final int TYPE = 0;
    private static final int ID = 1;
    private static final int CHANNEL = 2;
    private static final int DATA = 3;
    private static final int KEY = 4;
    private static final int TOKEN = 5;
    private static final byte[][] NAMES = {
        quoted("type"), quoted("id"), quoted("channel"), quoted("data"), quoted("key"), quoted("token")
    };

    /** Of id, with its quotes. */
    private static final int SHORTEST_NAME = 4;

    private static final byte[] PUBLISH = quoted("publish");
    private static final byte[] PING = quoted("ping");
    private static final byte[] SUBSCRIBE = quoted("subscribe");
    private static final byte[] UNSUBSCRIBE = quoted("unsubscribe");
    private static final byte[] PRESENCE = quoted("presence");

    /** No value starts at index 0: a brace does. */
    private static final int ABSENT = 0;

    private final ChannelNameRule names;
    private final int depth;
    private final int[] starts = new int[NAMES.length];
    private final int[] ends = new int[NAMES.length];

    EnvelopeScanner(ChannelNameRule names, int maxNesting) {
        this.names = names;
        this.depth = Math.min(maxNesting, JsonScan.MAX_DEPTH) - 1;
    }

    /** The frame in these bytes, or null if it takes the parser to tell. */
    @Nullable
    ClientFrame scan(byte[] in, int offset, int length) {
        int end = offset + length;
        Arrays.fill(starts, ABSENT);
        int after = members(in, JsonScan.space(in, offset, end), end);
        return after < 0 || JsonScan.space(in, after, end) != end ? null : frame(in);
    }

    private int members(byte[] in, int at, int end) {
        if (at >= end || in[at] != '{') {
            return JsonScan.FAIL;
        }
        int i = at;
        do {
            i = member(in, JsonScan.space(in, i + 1, end), end);
            if (i < 0) {
                return JsonScan.FAIL;
            }
            i = JsonScan.space(in, i, end);
        } while (i < end && in[i] == ',');
        return i < end && in[i] == '}' ? i + 1 : JsonScan.FAIL;
    }

    private int member(byte[] in, int at, int end) {
        int field = field(in, at, end);
        if (field < 0 || starts[field] != ABSENT) {
            return JsonScan.FAIL;
        }
        int start = JsonScan.colon(in, at + NAMES[field].length, end);
        if (start < 0) {
            return JsonScan.FAIL;
        }
        starts[field] = start;
        ends[field] = JsonScan.value(in, start, end, depth);
        return ends[field];
    }

    private static int field(byte[] in, int at, int end) {
        if (end - at < SHORTEST_NAME) {
            return JsonScan.FAIL;
        }
        int field = candidate(in[at + 1], in[at + 2]);
        return field >= 0 && JsonScan.startsWith(in, at, end, NAMES[field]) ? field : JsonScan.FAIL;
    }

    /** The only field whose name starts with these two letters, if any. */
    private static int candidate(byte first, byte second) {
        switch (first) {
            case 't':
                return second == 'y' ? TYPE : TOKEN;
            case 'i':
                return ID;
            case 'c':
                return CHANNEL;
            case 'd':
                return DATA;
            case 'k':
                return KEY;
            default:
                return JsonScan.FAIL;
        }
    }

    private @Nullable ClientFrame frame(byte[] in) {
        if (starts[TYPE] == ABSENT || !hasPlainId(in)) {
            return null;
        }
        if (is(in, PING)) {
            return new ClientFrame.Ping(id(in));
        }
        if (!hasPlainChannel(in)) {
            return null;
        }
        if (is(in, PUBLISH)) {
            return starts[DATA] != ABSENT && hasPlainText(in, KEY, 1, EnvelopeFields.MAX_KEY)
                    ? new ClientFrame.Publish(id(in), channel(in), data(in), text(in, KEY))
                    : null;
        }
        if (is(in, SUBSCRIBE)) {
            return hasPlainText(in, TOKEN, 0, EnvelopeFields.MAX_TOKEN)
                    ? new ClientFrame.Subscribe(id(in), channel(in), null, text(in, TOKEN))
                    : null;
        }
        if (is(in, UNSUBSCRIBE)) {
            return new ClientFrame.Unsubscribe(id(in), channel(in));
        }
        return is(in, PRESENCE) ? new ClientFrame.Presence(id(in), channel(in)) : null;
    }

    private boolean is(byte[] in, byte[] type) {
        return ends[TYPE] - starts[TYPE] == type.length && JsonScan.startsWith(in, starts[TYPE], ends[TYPE], type);
    }

    /** Absent, or a short number or string of which each byte is a character. */
    private boolean hasPlainId(byte[] in) {
        int start = starts[ID];
        if (start == ABSENT) {
            return true;
        }
        boolean scalar = in[start] == '"' || in[start] == '-' || (in[start] >= '0' && in[start] <= '9');
        int length = ends[ID] - start - (in[start] == '"' ? 2 : 0);
        return scalar && length <= EnvelopeFields.MAX_ID && isAscii(in, start, ends[ID]);
    }

    private boolean hasPlainChannel(byte[] in) {
        int start = starts[CHANNEL];
        return start != ABSENT && in[start] == '"' && names.allows(in, start + 1, ends[CHANNEL] - 1);
    }

    /** Absent, or a string without escapes of which each byte is a character. */
    private boolean hasPlainText(byte[] in, int field, int least, int most) {
        if (starts[field] == ABSENT) {
            return true;
        }
        int start = starts[field] + 1;
        int end = ends[field] - 1;
        return in[starts[field]] == '"' && end - start >= least && end - start <= most && isPlain(in, start, end);
    }

    private static boolean isAscii(byte[] in, int start, int end) {
        for (int i = start; i < end; i++) {
            if (in[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPlain(byte[] in, int start, int end) {
        for (int i = start; i < end; i++) {
            if (in[i] < 0 || in[i] == '\\') {
                return false;
            }
        }
        return true;
    }

    private @Nullable RequestId id(byte[] in) {
        return starts[ID] == ABSENT ? null : new RequestId(ascii(in, starts[ID], ends[ID]));
    }

    private ChannelName channel(byte[] in) {
        return new ChannelName(ascii(in, starts[CHANNEL] + 1, ends[CHANNEL] - 1));
    }

    private byte[] data(byte[] in) {
        return Arrays.copyOfRange(in, starts[DATA], ends[DATA]);
    }

    private @Nullable String text(byte[] in, int field) {
        return starts[field] == ABSENT ? null : ascii(in, starts[field] + 1, ends[field] - 1);
    }

    private static String ascii(byte[] in, int start, int end) {
        // Latin 1 is ASCII here, and a plain copy.
        return new String(in, start, end - start, StandardCharsets.ISO_8859_1);
    }

    private static byte[] quoted(String word) {
        return ('"' + word + '"').getBytes(StandardCharsets.US_ASCII);
    }
}
