package dev.starling.broker;

import java.time.Duration;

/**
 * How much a channel keeps.
 *
 * @param size messages, at least 1
 * @param timeToLive how long without a new message until all of it is forgotten, the epoch included
 */
record HistoryLimits(int size, Duration timeToLive) {}
