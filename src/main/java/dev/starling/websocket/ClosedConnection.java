package dev.starling.websocket;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * How a connection ended.
 *
 * @param time when, in milliseconds since 1970
 * @param connection its id, as in {@code welcome} and in logs
 * @param node the node that it was on
 * @param user whose it was
 * @param address where the client connected from
 * @param code the close code; 1006 if no close frame came or could be sent
 * @param reason for people; if the initiator is the client, its words
 * @param initiator {@code client}, {@code server} or {@code network}
 * @param durationMillis how long it was open
 * @param pendingBytes what the kernel had not taken when the end began
 * @param roundTripMillis from the last ping that was answered to its pong; null, and absent in JSON, if there was none
 * @param messagesIn messages that came from the client
 * @param messagesOut messages that were sent to it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ClosedConnection(
        long time,
        String connection,
        String node,
        String user,
        String address,
        int code,
        String reason,
        String initiator,
        long durationMillis,
        long pendingBytes,
        @Nullable Double roundTripMillis,
        long messagesIn,
        long messagesOut) {

    /** Call it on the session's event loop. */
    static ClosedConnection of(Session session, Closing how) {
        Traffic traffic = session.traffic();
        return new ClosedConnection(
                System.currentTimeMillis(),
                session.id(),
                session.node().name(),
                session.token().user(),
                session.address().text(),
                how.code(),
                how.reason(),
                how.initiator().text(),
                traffic.ageMillis(),
                how.pendingBytes(),
                session.liveness().roundTripMillis(),
                traffic.messagesIn(),
                traffic.messagesOut());
    }
}
