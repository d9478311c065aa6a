package dev.starling.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A place in the history of a channel.
 *
 * @param epoch names one incarnation of the count; up to the first dot the life, whose generations go on with each other's count
 * @param offset counts from 1
 */
public record StreamPosition(String epoch, long offset) {

    /** More than any position has as text. */
    private static final int LONGEST = 100;

    /** The position that {@link #text} gave; null for what is none. */
    public static @Nullable StreamPosition parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon > 0 && text.length() <= LONGEST) {
            try {
                long offset = Long.parseLong(text, colon + 1, text.length(), 10);
                return offset < 0 ? null : new StreamPosition(text.substring(0, colon), offset);
            } catch (NumberFormatException e) {
                // It is none.
            }
        }
        return null;
    }

    /** Whether the other one is of a history that goes on where this one's ends, or the reverse. */
    public boolean isSameLife(StreamPosition other) {
        return life().equals(other.life());
    }

    private String life() {
        int dot = epoch.indexOf('.');
        return dot < 0 ? epoch : epoch.substring(0, dot);
    }

    /** As clients of the HTTP API have it: {@code epoch:offset}. */
    public String text() {
        return epoch + ':' + offset;
    }
}
