/** Simulated clients on event loops of their own, from the bytes up. May import {@code check}. */
@NullMarked
package dev.starling.loadtest.client;

import org.jspecify.annotations.NullMarked;
