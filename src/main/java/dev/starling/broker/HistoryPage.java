package dev.starling.broker;

import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import java.util.List;

/**
 * A piece of a channel's history.
 *
 * @param top the place of the newest message when it was read, with offset 0 if there was none yet
 * @param publications oldest first, without a hole between them; each with its position. The first one does not follow the
 *     position that was asked for if the messages after that are gone, and the last one is not the top if there are more
 */
public record HistoryPage(StreamPosition top, List<Publication> publications) {}
