/**
 * The load tool: its scenarios, on top of {@code client}, {@code check} and {@code probe}. May import {@code protocol}.
 */
@NullMarked
package dev.starling.loadtest;

import org.jspecify.annotations.NullMarked;
