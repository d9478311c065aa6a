package dev.starling.api;

/**
 * A node whose answer is missing in a result.
 *
 * @param node its name
 * @param reason {@code silent} if it did not answer in time, {@code failed} if it could not, {@code too_large} if it had too much to say
 */
record MissingNode(String node, String reason) {}
