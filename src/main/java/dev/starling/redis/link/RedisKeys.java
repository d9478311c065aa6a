package dev.starling.redis.link;

import dev.starling.protocol.ChannelName;
import java.util.HexFormat;

/**
 * The names in Redis, the same with and without a Cluster. All of one channel have the channel as their hash tag, hence share a
 * slot, and a script may touch them together; so do those that all nodes share. Every name is ASCII.
 *
 * @param prefix begins each of them, see {@link RedisProperties}
 */
public record RedisKeys(String prefix) {

    private static final String ALL_NODES = "{nodes}";

    /** Where the messages of a channel are heard; SPUBLISH and PUBLISH use the same. */
    public String pubsub(ChannelName channel) {
        return prefix + '{' + channel + '}';
    }

    /** A hash: the epoch and the newest offset. */
    public String meta(ChannelName channel) {
        return named("meta", channel);
    }

    /** A stream: the messages that are kept, each with its offset as its ID. */
    public String stream(ChannelName channel) {
        return named("stream", channel);
    }

    /** A string: what the message with this idempotency key was answered. */
    public String idempotency(ChannelName channel, String key) {
        return named("key", channel) + ':' + escaped(key);
    }

    /** A sorted set: who is in a channel, by when they came. */
    public String presence(ChannelName channel) {
        return named("presence", channel);
    }

    /** A sorted set: the same, by when they are gone unless their node says again that they are here. */
    public String presenceExpiry(ChannelName channel) {
        return named("presence-expiry", channel);
    }

    /** A hash: what one node has changed there and may not know. */
    public String presenceBatches(ChannelName channel, String node) {
        return named("presence-batches", channel) + ':' + node;
    }

    /** A sorted set: the nodes, by when they are gone unless they say again that they are here. */
    public String nodes() {
        return prefix + "nodes:" + ALL_NODES;
    }

    /** A sorted set: who is refused, by when that is over; its changes are published under the same name. */
    public String refusals() {
        return prefix + "refusals:" + ALL_NODES;
    }

    /** A hash: the version of that set. */
    public String refusalsVersion() {
        return prefix + "refusals-version:" + ALL_NODES;
    }

    /** Where a node hears what others say to it. */
    public String inbox(String node) {
        return prefix + "inbox:{" + node + '}';
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
