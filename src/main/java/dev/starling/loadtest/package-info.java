/**
 * Load on a server, and the proof of what it delivered under it. May import {@code protocol}.
 */
@NullMarked
package dev.starling.loadtest;

import org.jspecify.annotations.NullMarked;
