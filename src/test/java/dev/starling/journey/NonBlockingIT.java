package dev.starling.journey;

/** With the broker in memory. */
final class NonBlockingIT extends NonBlockingJourney {}
