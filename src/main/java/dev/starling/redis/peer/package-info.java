/**
 * What the nodes ask and tell each other. May import {@code link}, {@code broker}, {@code setting} and {@code protocol}.
 */
@NullMarked
package dev.starling.redis.peer;

import org.jspecify.annotations.NullMarked;
