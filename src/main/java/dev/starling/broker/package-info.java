/**
 * What carries publications between nodes and keeps their history: the boundary, its rules, and the broker of a node that
 * is alone. May import {@code protocol}.
 */
@NullMarked
package dev.starling.broker;

import org.jspecify.annotations.NullMarked;
