package dev.starling.protocol;

/**
 * What a node accepts of a client's frames, within what the protocol allows at all.
 *
 * @param maxChannelLength the most characters of a channel name, 1 to {@value ChannelName#MAX_LENGTH}
 * @param channelAlphabet the characters of a channel name, as the inside of a regular expression's character class such as
 *     {@code a-z0-9:._-}; each must be one that {@link ChannelName#isAllowed} takes
 * @param maxNesting how many objects and arrays may be open at once, 1 to {@value #MAX_NESTING}; the frame itself is one
 */
public record FrameLimits(int maxChannelLength, String channelAlphabet, int maxNesting) {

    /** The most that {@code maxNesting} may be. */
    public static final int MAX_NESTING = 1000;

    /** Long names of letters, digits and all harmless signs, and 64 levels. */
    public static final FrameLimits DEFAULT =
            new FrameLimits(ChannelName.MAX_LENGTH, "A-Za-z0-9:._/@=+~|,;!$'()#&%-", 64);

    /** @throws IllegalArgumentException for a value out of the ranges above */
    public FrameLimits {
        if (maxChannelLength < 1 || maxChannelLength > ChannelName.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "maxChannelLength is from 1 to " + ChannelName.MAX_LENGTH + ", not " + maxChannelLength);
        }
        if (maxNesting < 1 || maxNesting > MAX_NESTING) {
            throw new IllegalArgumentException("maxNesting is from 1 to " + MAX_NESTING + ", not " + maxNesting);
        }
        ChannelNameRule.alphabet(channelAlphabet);
    }
}
