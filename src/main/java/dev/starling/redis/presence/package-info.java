/**
 * Who is present in a channel, as Redis keeps it. May import {@code link},
 * {@code broker}, {@code setting} and {@code protocol}.
 */
@NullMarked
package dev.starling.redis.presence;

import org.jspecify.annotations.NullMarked;
