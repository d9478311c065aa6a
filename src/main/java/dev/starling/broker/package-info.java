/**
 * Carries publications between nodes. May import {@code protocol}.
 */
@NullMarked
package dev.starling.broker;

import org.jspecify.annotations.NullMarked;
