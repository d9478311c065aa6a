/** Real Redis servers for the tests of every room: one, with Sentinels, or a Cluster; and what can befall them. */
@NullMarked
package dev.starling.redis;

import org.jspecify.annotations.NullMarked;
