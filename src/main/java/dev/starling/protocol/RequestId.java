package dev.starling.protocol;

/** What a client calls its request: the JSON text of a number or a string, at most 64 characters, echoed as it came. */
public record RequestId(String json) {}
