package dev.starling.protocol;

/**
 * What a client calls its request: the JSON text of a number or a string, echoed as it came. At most 64 characters as
 * written, the quotes not counted.
 */
public record RequestId(String json) {}
