package dev.starling.protocol;

/**
 * Messages of a channel with history that were lost to this node, and are in the history no more: what comes next has the
 * offset after {@code to}.
 *
 * @param from offset of the first of them
 * @param to offset of the last of them, not before {@code from}
 */
public record Hole(ChannelName channel, long from, long to) implements Arrival {}
