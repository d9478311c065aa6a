package dev.starling.redis;

import org.jspecify.annotations.Nullable;

/**
 * How far the refusals of all nodes have come.
 *
 * @param epoch names them until Redis loses them
 * @param number of their changes since then
 */
record RefusalVersion(String epoch, long number) {

    /** Reads {@code number:epoch}; null if there is nothing. */
    static @Nullable RefusalVersion of(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? null : new RefusalVersion(text.substring(colon + 1), Long.parseLong(text, 0, colon, 10));
    }

    /** Whether {@code this} comes later than the other, and nothing was lost in between. */
    boolean isAfter(@Nullable RefusalVersion other) {
        return other != null && epoch.equals(other.epoch) && number > other.number;
    }

    /** Whether exactly one change lies between them; the first one follows nothing. */
    boolean follows(@Nullable RefusalVersion other) {
        return other == null ? number == 1 : isAfter(other) && number == other.number + 1;
    }
}
