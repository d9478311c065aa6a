package dev.starling.protocol;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which channel names this node takes: the limits of {@link FrameLimits}, made ready for the hot path. */
final class ChannelNameRule {

    private static final int ASCII = 128;

    private final int maxLength;
    private final boolean[] alphabet;

    ChannelNameRule(FrameLimits limits) {
        this.maxLength = limits.maxChannelLength();
        this.alphabet = alphabet(limits.channelAlphabet());
    }

    /**
     * The characters of a regular expression's character class, by their number.
     *
     * @throws IllegalArgumentException for what is no class, is empty, or has a character that no channel name may have
     */
    static boolean[] alphabet(String characterClass) {
        Pattern pattern;
        try {
            pattern = Pattern.compile("[" + characterClass + "]");
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "channelAlphabet is the inside of a regular expression's character class, but [" + characterClass
                            + "] is none: " + e.getDescription(),
                    e);
        }
        boolean[] alphabet = new boolean[ASCII];
        boolean empty = true;
        for (char c = 0; c < Character.MAX_VALUE; c++) {
            if (pattern.matcher(String.valueOf(c)).matches()) {
                if (!ChannelName.isAllowed(c)) {
                    throw new IllegalArgumentException("channelAlphabet [" + characterClass + "] has character "
                            + (int) c + "; a channel name is printable ASCII without space, \", \\, *, { and }");
                }
                alphabet[c] = true;
                empty = false;
            }
        }
        if (empty) {
            throw new IllegalArgumentException("channelAlphabet [" + characterClass + "] has no character");
        }
        return alphabet;
    }

    /** The channel of this name, if it is allowed. */
    ChannelName channel(String name) throws MalformedFrameException {
        if (!allows(name)) {
            throw new MalformedFrameException(
                    ErrorCode.INVALID_CHANNEL,
                    "channel is not 1 to " + maxLength + " characters that this server allows");
        }
        return new ChannelName(name);
    }

    boolean allows(String name) {
        if (name.isEmpty() || name.length() > maxLength) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= ASCII || !alphabet[c]) {
                return false;
            }
        }
        return true;
    }

    /** The same for a name that is still bytes, from {@code start} to before {@code end}. */
    boolean allows(byte[] in, int start, int end) {
        if (start >= end || end - start > maxLength) {
            return false;
        }
        for (int i = start; i < end; i++) {
            if (in[i] < 0 || !alphabet[in[i]]) {
                return false;
            }
        }
        return true;
    }
}
