/**
 * The edge: admission, sessions, outboxes, heartbeat, drain. May import {@code channel}, {@code security} and
 * {@code protocol}; nobody but {@code api} may import it.
 */
@NullMarked
package dev.starling.websocket;

import org.jspecify.annotations.NullMarked;
