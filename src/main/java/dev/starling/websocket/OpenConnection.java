package dev.starling.websocket;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * An open connection as it was at some moment.
 *
 * @param connection its id, as in {@code welcome} and in logs
 * @param node the node that it is on
 * @param user whose it is
 * @param address where the client connects from
 * @param token what its token is called (claim {@code jti}); null, and absent in JSON, if it has no name
 * @param since when it was made, in milliseconds since 1970
 * @param subscriptions how many it has
 * @param pendingBytes what the kernel has not taken of what was sent to it
 * @param roundTripMillis from the last ping that was answered to its pong; null, and absent in JSON, if there was none yet
 * @param messagesIn messages that came from the client
 * @param messagesOut messages that were sent to it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OpenConnection(
        String connection,
        String node,
        String user,
        String address,
        @Nullable String token,
        long since,
        int subscriptions,
        long pendingBytes,
        @Nullable Double roundTripMillis,
        long messagesIn,
        long messagesOut) {

    /** Call it on the session's event loop. */
    static OpenConnection of(Session session) {
        Traffic traffic = session.traffic();
        return new OpenConnection(
                session.id(),
                session.node().name(),
                session.token().user(),
                session.address().text(),
                session.token().id(),
                System.currentTimeMillis() - traffic.ageMillis(),
                session.subscriptionCount(),
                session.pendingBytes(),
                session.liveness().roundTripMillis(),
                traffic.messagesIn(),
                traffic.messagesOut());
    }
}
