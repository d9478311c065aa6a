package dev.starling.api;

import dev.starling.broker.PresenceProperties;
import dev.starling.channel.RecoveryProperties;
import dev.starling.security.LimitsProperties;
import dev.starling.websocket.WebSocketProperties;

/**
 * What a node allows its clients, by the properties {@code starling.limits.*} where none is named. Of those marked so, 0 means no limit.
 *
 * @param maxMessageBytes of a frame from a client
 * @param maxChannelLength characters of a channel's name
 * @param maxSubscriptions per connection, or 0
 * @param maxConnections of the node, or 0
 * @param maxConnectionsPerIp per address, or 0
 * @param maxConnectionsPerUser per user, or 0
 * @param connectRate connections that the node takes per second, or 0
 * @param messageRate frames per second and connection, or 0
 * @param messageBurst frames of a connection at once
 * @param maxBacklogBytes unsent bytes per connection, or 0
 * @param heartbeatIntervalMillis {@code starling.heartbeat.interval}
 * @param heartbeatTimeoutMillis {@code starling.heartbeat.timeout}
 * @param historyMaxMessages {@code starling.history.max-messages}
 * @param historyMaxBytes {@code starling.history.max-bytes}
 * @param recoveryMaxMessages {@code starling.recovery.max-messages}
 * @param recoveryMaxBytes {@code starling.recovery.max-bytes}
 * @param presenceMaxMembers {@code starling.presence.max-members}
 */
record NodeLimits(
        long maxMessageBytes,
        int maxChannelLength,
        int maxSubscriptions,
        int maxConnections,
        int maxConnectionsPerIp,
        int maxConnectionsPerUser,
        int connectRate,
        int messageRate,
        int messageBurst,
        long maxBacklogBytes,
        long heartbeatIntervalMillis,
        long heartbeatTimeoutMillis,
        int historyMaxMessages,
        long historyMaxBytes,
        int recoveryMaxMessages,
        long recoveryMaxBytes,
        int presenceMaxMembers) {

    static NodeLimits of(
            LimitsProperties limits,
            WebSocketProperties edge,
            RecoveryProperties recovery,
            PresenceProperties presence) {
        return new NodeLimits(
                limits.maxMessageSize().toBytes(),
                limits.maxChannelLength(),
                limits.maxSubscriptions(),
                limits.maxConnections(),
                limits.maxConnectionsPerIp(),
                limits.maxConnectionsPerUser(),
                limits.connectRate(),
                limits.messageRate(),
                limits.messageBurst(),
                limits.maxBacklog().toBytes(),
                edge.heartbeat().interval().toMillis(),
                edge.heartbeat().timeout().toMillis(),
                edge.history().maxMessages(),
                edge.history().maxBytes().toBytes(),
                recovery.maxMessages(),
                recovery.maxBytes().toBytes(),
                presence.maxMembers());
    }
}
