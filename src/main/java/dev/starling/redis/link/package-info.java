/**
 * Connections to Redis, and what all that uses Redis shares: its keys, scripts, faults and the way to hear channels. May
 * import {@code broker}, {@code setting} and {@code protocol}, no other package of this room.
 */
@NullMarked
package dev.starling.redis.link;

import org.jspecify.annotations.NullMarked;
