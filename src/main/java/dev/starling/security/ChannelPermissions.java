package dev.starling.security;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ChannelPattern;
import dev.starling.security.ChannelAccessProperties.Access;
import dev.starling.security.ChannelAccessProperties.ChannelRule;
import java.util.List;
import java.util.Objects;

/**
 * Who may do what with a channel. The first rule of the configuration whose pattern matches decides; a channel without one is open to
 * those whose token grants it. Any thread may ask; nothing is allocated.
 */
public final class ChannelPermissions {

    // Arrays, because this is asked once per publish and the rules never change.
    private final ChannelPattern[] patterns;
    private final Access[] subscribe;
    private final Access[] publish;

    /** The rules in their order. */
    ChannelPermissions(List<ChannelRule> rules) {
        patterns = rules.stream()
                .map(rule -> new ChannelPattern(Objects.requireNonNull(rule.pattern())))
                .toArray(ChannelPattern[]::new);
        subscribe = rules.stream().map(ChannelRule::subscribe).toArray(Access[]::new);
        publish = rules.stream().map(ChannelRule::publish).toArray(Access[]::new);
    }

    /** Whether a connection with this token may subscribe to the channel. */
    public boolean maySubscribe(VerifiedToken token, ChannelName channel) {
        return allows(subscribe, token.subscribe(), token.user(), channel);
    }

    /** Whether a connection with this token may publish to the channel. */
    public boolean mayPublish(VerifiedToken token, ChannelName channel) {
        return allows(publish, token.publish(), token.user(), channel);
    }

    /** Whether the token itself grants to read the channel, whatever the rules for clients say: so with back ends. */
    public static boolean grantsReading(VerifiedToken token, ChannelName channel) {
        return grants(token.subscribe(), token.user(), channel);
    }

    /** Whether the token itself grants to publish to the channel, likewise. */
    public static boolean grantsPublishing(VerifiedToken token, ChannelName channel) {
        return grants(token.publish(), token.user(), channel);
    }

    private boolean allows(Access[] access, List<ChannelPattern> claim, String user, ChannelName channel) {
        for (int i = 0; i < patterns.length; i++) {
            if (patterns[i].matches(channel, user)) {
                return switch (access[i]) {
                    case ANYONE -> true;
                    case TOKEN -> grants(claim, user, channel);
                    case NOBODY -> false;
                };
            }
        }
        return grants(claim, user, channel);
    }

    private static boolean grants(List<ChannelPattern> claim, String user, ChannelName channel) {
        for (int i = 0; i < claim.size(); i++) {
            if (claim.get(i).matches(channel, user)) {
                return true;
            }
        }
        return false;
    }
}
