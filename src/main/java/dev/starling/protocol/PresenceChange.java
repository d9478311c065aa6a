package dev.starling.protocol;

/** Somebody came into a channel ({@code joined}), or left it. */
public record PresenceChange(ChannelName channel, boolean joined, Member member) implements Arrival {}
