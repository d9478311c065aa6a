/**
 * The broker of many nodes, in parts that stand on {@code link}. May import {@code broker}, {@code setting}
 * and {@code protocol}; nothing imports it.
 */
@NullMarked
package dev.starling.redis;

import org.jspecify.annotations.NullMarked;
