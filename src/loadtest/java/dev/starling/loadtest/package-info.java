/**
 * The load tool, and the proof of what a server delivered under its load. May import {@code protocol}.
 */
@NullMarked
package dev.starling.loadtest;

import org.jspecify.annotations.NullMarked;
