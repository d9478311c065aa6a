package dev.starling.api;

import dev.starling.protocol.StreamPosition;

/** A place in a channel's history as a parameter, {@code epoch:offset}. */
final class HistoryCursor {

    private HistoryCursor() {}

    /** @throws InvalidParameterException if it is none */
    static StreamPosition parse(String parameter, String text) {
        StreamPosition position = StreamPosition.parse(text);
        if (position == null) {
            throw new InvalidParameterException(parameter, "what a page or an event said, or epoch:offset");
        }
        return position;
    }
}
