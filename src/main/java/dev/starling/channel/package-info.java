/**
 * Fan-out on this node: who listens to which channel. May import {@code broker}, {@code setting} and
 * {@code protocol}.
 */
@NullMarked
package dev.starling.channel;

import org.jspecify.annotations.NullMarked;
