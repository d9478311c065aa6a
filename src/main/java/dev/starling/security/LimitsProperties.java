package dev.starling.security;

import dev.starling.protocol.ChannelName;
import dev.starling.setting.Range;
import java.time.Duration;
import java.util.BitSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What one node, address, user and connection may use. Where a limit is a count, a rate or a backlog, 0 means no limit.
 *
 * @param maxMessageSize The longest message that a client may send, 128B to 16MB. A longer one closes the connection
 *     with 1009.
 * @param maxChannelLength The longest channel name in characters, 1 to 255. A longer one is refused with error 102.
 * @param channelAlphabet The characters that channel names may contain, written as inside the brackets of a regular
 *     expression. Other characters are refused with error 102.
 * @param maxSubscriptions Subscriptions per connection, 0 to 1000000. One more is refused with error 106.
 * @param maxConnections Connections per node, 0 to 10000000. One more is refused with 503.
 * @param maxConnectionsPerIp Connections per node from one address (of IPv6: from one /64 network), 0 to 10000000.
 *     One more is refused with 429.
 * @param maxHttpConnections TCP connections per node that are not WebSocket sessions, or not yet, 0 to 10000000. One
 *     more is reset. Connections to a separate management port do not count.
 * @param maxHttpConnectionsPerIp TCP connections that are not sessions from one address that is no trusted
 *     proxy (of IPv6: from one /64 network),
 *     0 to 10000000. One more is reset.
 * @param maxConnectionsPerUser Connections of one user per node, 0 to 10000000. One more is refused with 429.
 * @param connectRate Connections that this node accepts per second, with a burst of one second's worth, 0 to 1000000.
 *     More are refused with 503.
 * @param messageRate Frames that one connection may send per second, 0 to 1000000. More are refused with error 107.
 * @param messageBurst Frames that one connection may send at once, 1 to 1000000.
 * @param maxRateViolations Frames refused for their rate within a minute before the connection is closed with 4003, 0
 *     to 1000000.
 * @param maxMalformed Malformed frames within a minute before the connection is closed with 4502, 0 to 1000000.
 * @param firstFrameTimeout How soon after the handshake the first frame has to arrive, 0s to 1h. A silent client is
 *     closed with 4002. 0s lets clients listen without sending anything.
 * @param handshakeTimeout How soon after the connect the headers of the request have to be complete, 0s to 10m. 0s
 *     means no limit.
 * @param maxConnectWait How long the request of a new connection may have waited for a busy node, 0s to 1m. One that
 *     waited longer is refused with 503. 0s means no limit.
 * @param maxBacklog Unsent bytes per connection, 0 or 1KB to 1GB. Beyond it the client is a slow consumer and is
 *     closed with 4001.
 * @param sendBuffer The kernel's send buffer of one connection (SO_SNDBUF), 0 or 1KB to 64MB. 0 lets the kernel
 *     decide.
 */
@ConfigurationProperties("starling.limits")
public record LimitsProperties(
        @DefaultValue("64KB") DataSize maxMessageSize,
        @DefaultValue("255") int maxChannelLength,
        @DefaultValue("A-Za-z0-9:._/@=+~|,;!$'()#&%-") String channelAlphabet,
        @DefaultValue("128") int maxSubscriptions,
        @DefaultValue("100000") int maxConnections,
        @DefaultValue("1000") int maxConnectionsPerIp,
        @DefaultValue("50000") int maxHttpConnections,
        @DefaultValue("5000") int maxHttpConnectionsPerIp,
        @DefaultValue("100") int maxConnectionsPerUser,
        @DefaultValue("1000") int connectRate,
        @DefaultValue("100") int messageRate,
        @DefaultValue("200") int messageBurst,
        @DefaultValue("100") int maxRateViolations,
        @DefaultValue("10") int maxMalformed,
        @DefaultValue("0s") Duration firstFrameTimeout,
        @DefaultValue("10s") Duration handshakeTimeout,
        @DefaultValue("2s") Duration maxConnectWait,
        @DefaultValue("1MB") DataSize maxBacklog,
        @DefaultValue("64KB") DataSize sendBuffer) {

    private static final String NAME = "starling.limits.";
    private static final int MILLION = 1_000_000;

    /** @throws IllegalArgumentException naming the property, the value and the allowed range */
    public LimitsProperties {
        Range.of(NAME + "max-message-size", maxMessageSize, DataSize.ofBytes(128), DataSize.ofMegabytes(16));
        Range.of(NAME + "max-channel-length", maxChannelLength, 1, ChannelName.MAX_LENGTH);
        characters(channelAlphabet);
        Range.of(NAME + "max-subscriptions", maxSubscriptions, 0, MILLION);
        Range.of(NAME + "max-connections", maxConnections, 0, 10 * MILLION);
        Range.of(NAME + "max-connections-per-ip", maxConnectionsPerIp, 0, 10 * MILLION);
        Range.of(NAME + "max-http-connections", maxHttpConnections, 0, 10 * MILLION);
        Range.of(NAME + "max-http-connections-per-ip", maxHttpConnectionsPerIp, 0, 10 * MILLION);
        Range.of(NAME + "max-connections-per-user", maxConnectionsPerUser, 0, 10 * MILLION);
        Range.of(NAME + "connect-rate", connectRate, 0, MILLION);
        Range.of(NAME + "message-rate", messageRate, 0, MILLION);
        Range.of(NAME + "message-burst", messageBurst, 1, MILLION);
        Range.of(NAME + "max-rate-violations", maxRateViolations, 0, MILLION);
        Range.of(NAME + "max-malformed", maxMalformed, 0, MILLION);
        Range.of(NAME + "first-frame-timeout", firstFrameTimeout, Duration.ZERO, Duration.ofHours(1));
        Range.of(NAME + "handshake-timeout", handshakeTimeout, Duration.ZERO, Duration.ofMinutes(10));
        Range.of(NAME + "max-connect-wait", maxConnectWait, Duration.ZERO, Duration.ofMinutes(1));
        Range.zeroOr(NAME + "max-backlog", maxBacklog, DataSize.ofKilobytes(1), DataSize.ofGigabytes(1));
        Range.zeroOr(NAME + "send-buffer", sendBuffer, DataSize.ofKilobytes(1), DataSize.ofMegabytes(64));
    }

    /** The characters that a channel's name may have on this node: those of the alphabet that the protocol allows. */
    public BitSet channelCharacters() {
        return characters(channelAlphabet);
    }

    private static BitSet characters(String alphabet) {
        Pattern pattern = compile(alphabet);
        BitSet characters = new BitSet(128);
        for (char c = 0; c < 128; c++) {
            if (ChannelName.isAllowed(c) && pattern.matcher(String.valueOf(c)).matches()) {
                characters.set(c);
            }
        }
        if (characters.isEmpty()) {
            throw Range.outside(NAME + "channel-alphabet", "'" + alphabet + "'", "at least one character of a name");
        }
        return characters;
    }

    private static Pattern compile(String alphabet) {
        try {
            return Pattern.compile("[" + alphabet + "]");
        } catch (PatternSyntaxException e) {
            throw Range.outside(
                    NAME + "channel-alphabet",
                    "'" + alphabet + "'",
                    "what may stand inside of [ ] in a regular expression (" + e.getDescription() + ")");
        }
    }
}
