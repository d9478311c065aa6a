package dev.starling.protocol;

import org.jspecify.annotations.Nullable;

/** A place in the history of a channel: {@code offset} counts from 1 within one incarnation, named by {@code epoch}. */
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

    /** As clients of the HTTP API have it: {@code epoch:offset}. */
    public String text() {
        return epoch + ':' + offset;
    }
}
