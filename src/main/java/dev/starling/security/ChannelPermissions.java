package dev.starling.security;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ChannelPattern;
import dev.starling.setting.ChannelOptions.Access;
import dev.starling.setting.ChannelRules;
import java.util.List;

/**
 * Who may do what with a channel. The first rule of the configuration whose pattern matches decides; a channel without one is open to
 * those whose token grants it. Any thread may ask; nothing is allocated.
 */
public final class ChannelPermissions {

    private final ChannelRules rules;

    ChannelPermissions(ChannelRules rules) {
        this.rules = rules;
    }

    /** Whether a connection with this token may subscribe to the channel. */
    public boolean maySubscribe(VerifiedToken token, ChannelName channel) {
        return allows(rules.of(channel, token.user()).subscribe(), token.subscribe(), token.user(), channel);
    }

    /** Whether a connection with this token may publish to the channel. */
    public boolean mayPublish(VerifiedToken token, ChannelName channel) {
        return allows(rules.of(channel, token.user()).publish(), token.publish(), token.user(), channel);
    }

    /** Whether the token itself grants to read the channel, whatever the rules for clients say: so with back ends. */
    public static boolean grantsReading(VerifiedToken token, ChannelName channel) {
        return grants(token.subscribe(), token.user(), channel);
    }

    /** Whether the token itself grants to publish to the channel, likewise. */
    public static boolean grantsPublishing(VerifiedToken token, ChannelName channel) {
        return grants(token.publish(), token.user(), channel);
    }

    private static boolean allows(Access access, List<ChannelPattern> claim, String user, ChannelName channel) {
        return access == Access.TOKEN ? grants(claim, user, channel) : access == Access.ANYONE;
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
