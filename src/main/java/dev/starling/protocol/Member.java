package dev.starling.protocol;

/**
 * One connection that is in a channel.
 *
 * @param user whose it is
 * @param connection its name, as in its {@code welcome}
 * @param sinceMillis when it came, since 1970 by the clock of its node
 */
public record Member(String user, String connection, long sinceMillis) {}
