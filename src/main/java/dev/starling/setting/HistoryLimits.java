package dev.starling.setting;

import java.time.Duration;

/**
 * How much a channel keeps.
 *
 * @param size messages, at least 1
 * @param timeToLive how long after the newest message all of them are forgotten; the epoch and the offset live on
 */
public record HistoryLimits(int size, Duration timeToLive) {}
