/**
 * The broker: channels heard through the links, and their histories as streams. May import {@code link}, {@code broker},
 * {@code setting} and {@code protocol}.
 */
@NullMarked
package dev.starling.redis.stream;

import org.jspecify.annotations.NullMarked;
