package dev.starling.api;

import dev.starling.websocket.ClosedConnection;
import java.util.Comparator;

/**
 * A place among the connections that have ended.
 *
 * @param time when that one ended, in milliseconds since 1970
 * @param connection its id, since others may have ended in the same millisecond
 */
record CloseCursor(long time, String connection) {

    /** The order in which they are listed. */
    static final Comparator<ClosedConnection> NEWEST_FIRST = Comparator.comparingLong(ClosedConnection::time)
            .thenComparing(ClosedConnection::connection)
            .reversed();

    static CloseCursor of(ClosedConnection closed) {
        return new CloseCursor(closed.time(), closed.connection());
    }

    /** @throws InvalidParameterException if it is none */
    static CloseCursor parse(String text) {
        int dash = text.indexOf('-');
        try {
            return new CloseCursor(Long.parseLong(text, 0, Math.max(0, dash), 10), text.substring(dash + 1));
        } catch (NumberFormatException e) {
            throw new InvalidParameterException("cursor", "what a page said");
        }
    }

    String text() {
        return time + "-" + connection;
    }

    /** Whether a connection comes after this place. */
    boolean isBefore(ClosedConnection closed) {
        return closed.time() < time
                || (closed.time() == time && closed.connection().compareTo(connection) < 0);
    }
}
