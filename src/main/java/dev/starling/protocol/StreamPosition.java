package dev.starling.protocol;

/** A place in the history of a channel: {@code offset} counts from 1 within one incarnation, named by {@code epoch}. */
public record StreamPosition(String epoch, long offset) {}
