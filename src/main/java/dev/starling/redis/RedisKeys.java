package dev.starling.redis;

import dev.starling.protocol.ChannelName;
import java.util.HexFormat;

/**
 * The names in Redis, the same with and without a Cluster. All of one channel have the channel as their hash tag, hence share a
 * slot, and a script may touch them together. Every name is ASCII.
 *
 * @param prefix begins each of them, see {@link RedisProperties}
 */
record RedisKeys(String prefix) {

    /** Where the messages of a channel are heard; SPUBLISH and PUBLISH use the same. */
    String pubsub(ChannelName channel) {
        return prefix + '{' + channel + '}';
    }

    /** A hash: the epoch and the newest offset. */
    String meta(ChannelName channel) {
        return named("meta", channel);
    }

    /** A stream: the messages that are kept, each with its offset as its ID. */
    String stream(ChannelName channel) {
        return named("stream", channel);
    }

    /** A string: what the message with this idempotency key was answered. */
    String idempotency(ChannelName channel, String key) {
        return named("key", channel) + ':' + escaped(key);
    }

    /** A sorted set: who is in a channel, by when they came. */
    String presence(ChannelName channel) {
        return named("presence", channel);
    }

    /** A sorted set: the same, by when they are gone unless their node says again that they are here. */
    String presenceExpiry(ChannelName channel) {
        return named("presence-expiry", channel);
    }

    private String named(String what, ChannelName channel) {
        return prefix + what + ":{" + channel + '}';
    }

    /**
     * The channel whose messages are heard there.
     *
     * @throws IllegalArgumentException if it isn't of that form
     */
    ChannelName channelOf(String pubsub) {
        int start = prefix.length() + 1;
        int end = pubsub.length() - 1;
        if (end < start || !pubsub.startsWith(prefix) || pubsub.charAt(start - 1) != '{' || pubsub.charAt(end) != '}') {
            throw new IllegalArgumentException("no channel of this cluster: " + pubsub);
        }
        return new ChannelName(pubsub.substring(start, end));
    }

    /** As it is if it is printable ASCII; two keys never become the same. */
    private static String escaped(String key) {
        for (int i = 0; i < key.length(); i++) {
            if (isEscaped(key.charAt(i))) {
                return escapedFrom(key, i);
            }
        }
        return key;
    }

    private static String escapedFrom(String key, int first) {
        StringBuilder name = new StringBuilder(key.length() + 16).append(key, 0, first);
        for (int i = first; i < key.length(); i++) {
            char c = key.charAt(i);
            if (isEscaped(c)) {
                name.append('%').append(HexFormat.of().toHexDigits(c));
            } else {
                name.append(c);
            }
        }
        return name.toString();
    }

    private static boolean isEscaped(char c) {
        return c <= ' ' || c > '~' || c == '%';
    }
}
