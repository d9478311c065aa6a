/**
 * The journeys of the architecture, each against a real process, a real socket or a real client library.
 */
@NullMarked
package dev.starling.journey;

import org.jspecify.annotations.NullMarked;
