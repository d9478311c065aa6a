/**
 * The wire protocol: frames, codec, error and close codes. Pure: no Spring, no Reactor; imports no other room.
 */
@NullMarked
package dev.starling.protocol;

import org.jspecify.annotations.NullMarked;
