package dev.starling.setting;

import org.jspecify.annotations.Nullable;

/**
 * The options of a channel, as one rule of {@link ChannelRules} sets them.
 *
 * @param subscribe which clients may subscribe
 * @param publish which clients may publish
 * @param history how much the channel keeps, null for nothing
 * @param presence whether clients that may subscribe may also list the members
 * @param joinLeave whether the subscribers are told of members that join and leave; only with {@code presence}
 * @param overflow what happens to messages that a subscriber does not read fast enough
 */
public record ChannelOptions(
        Access subscribe,
        Access publish,
        @Nullable HistoryLimits history,
        boolean presence,
        boolean joinLeave,
        Overflow overflow) {

    /** The options of a channel without a rule. */
    public static final ChannelOptions DEFAULTS =
            new ChannelOptions(Access.TOKEN, Access.TOKEN, null, false, false, Overflow.DISCONNECT);

    /** Which clients may do it. */
    public enum Access {
        /** Every connection with a valid token. */
        ANYONE,
        /** The connections whose token grants it in its claims. */
        TOKEN,
        /** No client, whatever its token says. */
        NOBODY
    }
}
