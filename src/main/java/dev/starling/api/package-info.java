/**
 * What a node serves by plain HTTP: an API for back ends and operators, and pages for browsers, the client and the console. May import
 * {@code broker}, {@code channel}, {@code security}, {@code websocket}, {@code setting} and
 * {@code protocol}; nobody may import it.
 */
@NullMarked
package dev.starling.api;

import org.jspecify.annotations.NullMarked;
