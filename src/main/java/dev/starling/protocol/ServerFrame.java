package dev.starling.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the server may say besides messages, which are an {@link EncodedMessage}. Times are in milliseconds. */
public sealed interface ServerFrame {

    /** The {@code type} on the wire and in metrics, such as {@code pong}. */
    String type();

    /** Writes all fields but the type; of no use outside of this room. */
    void writeFields(FrameWriter json);

    /**
     * The first frame of a connection.
     *
     * @param heartbeatMillis how often the server pings a silent client
     * @param expiresInMillis until the token expires; null for a token that does not
     * @param refreshInMillis when to send a {@code refresh}, with jitter; null for a token that does not expire
     */
    record Welcome(
            String connection,
            String node,
            long heartbeatMillis,
            int maxMessageBytes,
            @Nullable Long expiresInMillis,
            @Nullable Long refreshInMillis)
            implements ServerFrame {
        @Override
        public String type() {
            return "welcome";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.string("connection", connection)
                    .string("node", node)
                    .number("heartbeat", heartbeatMillis)
                    .number("maxMessageBytes", maxMessageBytes)
                    .number("expiresIn", expiresInMillis)
                    .number("refreshIn", refreshInMillis);
        }
    }

    /** The subscription stands; {@code position} only on channels with history, {@code recovered} only if asked for. */
    record Subscribed(
            @Nullable RequestId id,
            ChannelName channel,
            @Nullable StreamPosition position,
            @Nullable Boolean recovered) implements ServerFrame {
        @Override
        public String type() {
            return "subscribed";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.channel(channel)
                    .position(position)
                    .flag("recovered", recovered)
                    .id(id);
        }
    }

    /** The subscription is gone. */
    record Unsubscribed(@Nullable RequestId id, ChannelName channel) implements ServerFrame {
        @Override
        public String type() {
            return "unsubscribed";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.channel(channel).id(id);
        }
    }

    /** The broker took the message; {@code position} only on channels with history. */
    record Published(
            RequestId id, ChannelName channel, @Nullable StreamPosition position) implements ServerFrame {
        @Override
        public String type() {
            return "published";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.channel(channel).position(position).id(id);
        }
    }

    /**
     * What the channel's history holds from after the position that was asked for.
     *
     * @param top the newest message's place, also if it is not among these
     * @param messages the oldest ones first, as many as fit
     */
    record History(@Nullable RequestId id, ChannelName channel, StreamPosition top, List<Publication> messages)
            implements ServerFrame {
        @Override
        public String type() {
            return "history";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.channel(channel).position(top).messages(messages).id(id);
        }
    }

    /** Who is in the channel: how many, and the first of them. */
    record Presence(@Nullable RequestId id, ChannelName channel, long count, List<Member> members)
            implements ServerFrame {
        @Override
        public String type() {
            return "presence";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.channel(channel).number("count", count).members(members).id(id);
        }
    }

    /** Somebody came into a channel. */
    record Join(ChannelName channel, Member member) implements ServerFrame {
        @Override
        public String type() {
            return "join";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.channel(channel).string("user", member.user()).string("connection", member.connection());
        }
    }

    /** Somebody left a channel. */
    record Leave(ChannelName channel, Member member) implements ServerFrame {
        @Override
        public String type() {
            return "leave";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.channel(channel).string("user", member.user()).string("connection", member.connection());
        }
    }

    /** Messages that this client will not get by itself, the first and the last of them. */
    record Gap(ChannelName channel, long from, long to) implements ServerFrame {
        @Override
        public String type() {
            return "gap";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.channel(channel).number("from", from).number("to", to);
        }
    }

    /** The new token holds. */
    record Refreshed(
            @Nullable RequestId id,
            @Nullable Long expiresInMillis,
            @Nullable Long refreshInMillis) implements ServerFrame {
        @Override
        public String type() {
            return "refreshed";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.number("expiresIn", expiresInMillis)
                    .number("refreshIn", refreshInMillis)
                    .id(id);
        }
    }

    /** Answer to a ping. {@code timestampMillis} is the server's clock, since 1970. */
    record Pong(@Nullable RequestId id, long timestampMillis) implements ServerFrame {
        @Override
        public String type() {
            return "pong";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.number("ts", timestampMillis).id(id);
        }
    }

    /** This connection will be closed: open the next one after {@code reconnectAfterMillis}. */
    record GoAway(String reason, long reconnectAfterMillis, long closeByMillis) implements ServerFrame {
        @Override
        public String type() {
            return "goaway";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.string("reason", reason)
                    .number("reconnectAfter", reconnectAfterMillis)
                    .number("closeBy", closeByMillis);
        }
    }

    /** One request failed. {@code channel} is what the client named, if that can be shown. */
    record Failure(
            ErrorCode code,
            String message,
            @Nullable Long retryAfterMillis,
            @Nullable RequestId id,
            @Nullable ChannelName channel)
            implements ServerFrame {
        @Override
        public String type() {
            return "error";
        }

        @Override
        public void writeFields(FrameWriter json) {
            json.number("code", code.code())
                    .string("error", code.text())
                    .string("message", message)
                    .flag("retry", code.retry())
                    .number("retryAfter", retryAfterMillis)
                    .id(id)
                    .channel(channel);
        }
    }
}
