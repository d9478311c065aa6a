/**
 * What carries publications between nodes and keeps their history; what nodes ask each other, and who is refused on all of them: the boundary, its rules, and
 * all that for a node that is alone. May import {@code setting} and {@code protocol}.
 */
@NullMarked
package dev.starling.broker;

import org.jspecify.annotations.NullMarked;
