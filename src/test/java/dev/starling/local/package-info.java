/**
 * A node whose clients are in its own process: sessions by the million, without a socket. For heap per session, the node's own share of
 * a broadcast and exact counts; not for back-pressure, since a local channel takes whatever is written, nor for what a kernel costs.
 */
@NullMarked
package dev.starling.local;

import org.jspecify.annotations.NullMarked;
