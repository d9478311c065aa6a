/**
 * The broker of many nodes: links to Redis, what is heard through them, histories as streams, who is present,
 * what the nodes ask each other. May import
 * {@code broker}, {@code setting} and {@code protocol}; nobody imports it.
 */
@NullMarked
package dev.starling.redis;

import org.jspecify.annotations.NullMarked;
