package dev.starling.broker;

/**
 * A node as the others know it.
 *
 * @param name what it calls itself, see {@link dev.starling.protocol.NodeName}: another node may have the same
 * @param id sets it apart from all others, also from those that had its name before: letters and digits
 * @param sinceMillis when it started, by its own clock, in milliseconds since 1970
 */
public record Peer(String name, String id, long sinceMillis) {}
