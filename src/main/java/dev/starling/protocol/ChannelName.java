package dev.starling.protocol;

/**
 * The name of a channel: 1 to 255 printable ASCII characters, without space, {@code "}, {@code \}, {@code *}, <code>{</code>
 * and <code>}</code> (the star is the wildcard of patterns, the braces are the hash tag of a Redis Cluster). Hence a name stands in JSON
 * as it is, and has as many bytes as characters. A node may allow less, see {@link FrameCodec}.
 */
public record ChannelName(String value) implements Comparable<ChannelName> {

    /** The most characters that any name may have. */
    public static final int MAX_LENGTH = 255;

    private static final boolean[] ALLOWED = new boolean[0x7f];

    static {
        for (int c = '!'; c < ALLOWED.length; c++) {
            ALLOWED[c] = "\"\\*{}".indexOf(c) < 0;
        }
    }

    /** @throws IllegalArgumentException for anything else than the above */
    public ChannelName {
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a channel name has 1 to " + MAX_LENGTH + " characters");
        }
        for (int i = 0; i < value.length(); i++) {
            if (!isAllowed(value.charAt(i))) {
                throw new IllegalArgumentException("a channel name has no character " + (int) value.charAt(i));
            }
        }
    }

    /** Whether any channel name may have this character. */
    public static boolean isAllowed(int character) {
        return character >= 0 && character < ALLOWED.length && ALLOWED[character];
    }

    @Override
    public int compareTo(ChannelName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
