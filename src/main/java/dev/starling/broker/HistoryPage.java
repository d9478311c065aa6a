package dev.starling.broker;

import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a channel's history.
 *
 * @param top the place of the newest message when it was read, with offset 0 if there was none yet
 * @param publications oldest first, without a hole between them; each with its position. The first one does not follow the
 *     position that was asked for if the messages after that are gone, and the last one is not the top if there are more
 * @param kept the last offset up to which the epoch that was asked for has the same messages as that of {@code top}; -1 if nothing is
 *     known of it
 * @param read the last offset that was looked at: of those up to there, any that is missing is gone
 */
public record HistoryPage(StreamPosition top, List<Publication> publications, long kept, long read) {

    /** One of the epoch that was asked for, or of any if none was. */
    public HistoryPage(StreamPosition top, List<Publication> publications) {
        this(top, publications, top.offset());
    }

    /** One that has all that was looked at. */
    public HistoryPage(StreamPosition top, List<Publication> publications, long kept) {
        this(top, publications, kept, last(top, publications));
    }

    private static long last(StreamPosition top, List<Publication> publications) {
        StreamPosition last = publications.isEmpty()
                ? top
                : publications.get(publications.size() - 1).position();
        return last == null ? top.offset() : last.offset();
    }

    /** Whether the position that was asked for still names the same message; true if none was. */
    public boolean holds(@Nullable StreamPosition asked) {
        return asked == null || asked.offset() <= kept;
    }
}
