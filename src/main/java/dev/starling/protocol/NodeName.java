package dev.starling.protocol;

/**
 * What a node calls itself: in {@code welcome}, in logs and to the other nodes. Two nodes may have the same.
 *
 * @param value 1 to 255 characters, none of them a control character
 */
public record NodeName(String value) {

    private static final int MAX_LENGTH = 255;

    /** @throws IllegalArgumentException if it is none */
    public NodeName {
        if (value.isEmpty() || value.length() > MAX_LENGTH || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("starling.node has " + value.length()
                    + " characters, but must have between 1 and " + MAX_LENGTH + ", none of them a control character");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
