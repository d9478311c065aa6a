package dev.starling.channel;

/**
 * A channel.
 *
 * @param channel its name
 * @param subscribers how many it has
 */
public record ChannelCount(String channel, long subscribers) {}
