package dev.starling.api;

import dev.starling.protocol.StreamPosition;

/** A place in a channel's history as text, {@code epoch:offset}. */
final class HistoryCursor {

    private static final int LONGEST = 100;

    private HistoryCursor() {}

    static String of(StreamPosition position) {
        return position.epoch() + ':' + position.offset();
    }

    /** @throws InvalidParameterException if it is none */
    static StreamPosition parse(String cursor) {
        int colon = cursor.lastIndexOf(':');
        if (colon > 0 && cursor.length() <= LONGEST) {
            try {
                long offset = Long.parseLong(cursor, colon + 1, cursor.length(), 10);
                if (offset >= 0) {
                    return new StreamPosition(cursor.substring(0, colon), offset);
                }
            } catch (NumberFormatException e) {
                // It is none.
            }
        }
        throw new InvalidParameterException("cursor", "what a page said, or epoch:offset");
    }
}
