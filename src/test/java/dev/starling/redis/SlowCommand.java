package dev.starling.redis;

import java.time.Duration;

/**
 * One entry of the slow log.
 *
 * @param took how long it kept all others waiting
 * @param command its first words
 */
public record SlowCommand(Duration took, String command) {}
