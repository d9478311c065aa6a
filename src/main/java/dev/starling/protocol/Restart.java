package dev.starling.protocol;

/**
 * The history of a channel has another epoch than before: what comes next follows {@code position}.
 *
 * @param recovered whether nothing was lost between the two, so that {@code position} is where the epoch before ends; else nothing
 *     says what was
 */
public record Restart(ChannelName channel, StreamPosition position, boolean recovered) implements Arrival {}
