package dev.starling.channel;

import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import java.util.List;

/**
 * A piece of a channel's history.
 *
 * @param top the place of the newest message, also if it is not among these; offset 0 if there was none yet
 * @param messages oldest first, without a hole between them
 */
public record PastMessages(StreamPosition top, List<Publication> messages) {

    /** As many of the first ones as have no more bytes than this, but one in any case. */
    PastMessages within(long maxBytes) {
        long bytes = 0;
        int count = 0;
        while (count < messages.size()) {
            bytes += messages.get(count).data().length;
            if (count > 0 && bytes > maxBytes) {
                return new PastMessages(top, messages.subList(0, count));
            }
            count++;
        }
        return this;
    }

    /** As many of the last ones, likewise. */
    PastMessages withinFromTheEnd(long maxBytes) {
        long bytes = 0;
        for (int i = messages.size() - 1; i >= 0; i--) {
            bytes += messages.get(i).data().length;
            if (i < messages.size() - 1 && bytes > maxBytes) {
                return new PastMessages(top, messages.subList(i + 1, messages.size()));
            }
        }
        return this;
    }
}
