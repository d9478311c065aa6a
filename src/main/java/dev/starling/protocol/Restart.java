package dev.starling.protocol;

/**
 * The history of a channel is another one than before, and nothing says what was lost between them: what comes next
 * follows {@code position}.
 */
public record Restart(ChannelName channel, StreamPosition position) implements Arrival {}
